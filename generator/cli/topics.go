package cli

import "github.com/spf13/cobra"

// jsonTopic documents every --json. The forms are stable: fields are added,
// never renamed or removed.
func jsonTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "json",
		Short: "What --json prints (a page of help)",
		Long: `With --json a command prints one JSON document on standard output, and messages
on standard error. Fields are added over time, never renamed or removed.

Any command that refuses:
  command   its name
  exit      the exit code
  problems  list of fact, and of option, code, hint where there is one

new:
  command, directory, module
  written     false with --dry-run and --diff
  options     every option by its name in sessionseed.yaml; numbers and
              booleans as such, durations as strings
  policy      class (A: front ends and service are one site; B: the same, on
              plain http and not on this machine; C: different sites), cookie
              (name and attributes), words (sentences), notes (list of severity,
              code, fact, hint)
  files       list of path, class, mode (octal), bytes; contents are not in it
  kept        paths of your files that stay; .gitignore gets missing lines
  replaced    paths of your files that --force replaces
              (both absent where there are none)
  equivalent  words of the command that does the same without questions

add:
  command, directory, module, written, options, policy, equivalent (as for new)
  plan, result (as for regenerate, below; for a module that does not compile
              there are only command, exit and problems, and the compiler's
              lines are on standard error)
  mount       router, file (absent if no place was found that serves), imports,
              edits (list of line, remove, text: text replaces as many lines
              as remove says, from that line on; lines are numbered as before
              all edits), notes (may be absent)

explain:
  command, module, policy (as above)
  options     list of name, value (as above), help, runtime (the service's
              environment variable that overrides it, may be absent), files
              (those that a change can touch)

regenerate, diff:
  command, directory
  written     true once files are on disk
  exit        the exit code
  problems    why nothing is written (as above; absent otherwise)
  plan        what changes (may be absent after --undo):
    dir, from, to (sessionseed's versions of the last run and of this one)
    options   list of name, old, new (numbers and booleans as such)
    files     list of path, action (unchanged, update, add, merge, keep, delete,
              conflict, refuse, orphan: yours to delete now, gone: you deleted
              it, or what it needs), class, renamedFrom, why (options that
              change it), note, diff (of refuse: your edit), and conflicts: list
              of line, element, yours, lastGenerated, new; all but path and
              action may be absent
    choices   at a conflict in Go files, what was tried: list of in (path to
              side), compiles, fault (may be absent); absent if none was
    notes, warnings   sentences about the run (may be absent)
  result      written, deleted (files), verified (it compiles, its tests
              included), unverified (why not), broken (compile errors, also
              those because of which nothing was written); the result is absent
              if nothing was applied for another reason

check:
  command, directory, exit
  upToDate    true if there are no findings
  findings    list of code (options, tampered, blocked, markers, store,
              generator, state, interrupted), path (may be absent), fact, hint
  deleted     paths of generated files that you deleted, which is no finding
              (absent where there are none)

keys rotate:
  command, directory
  keys        how many keys .env holds now; no key is ever printed
  dropped     old keys that no live cookie can need any more
  keptUntil   time after which a rotation drops the replaced key, in RFC 3339

doctor (a list of these for several origins):
  version, url, origin, class (A to C as in policy; D: different sites, the
  service on plain http), sameSite, cookie (name)
  verdict     works, works-except (not everywhere, or less safely than it
              could), cannot-work, not-seen (no session came back), not-probed
  proof       how the service showed that it knows the session, or ""
  findings    list of code, severity (blocks, unclear or warns), step, evidence
              (lines), rule, server, client, pass (what to give the doctor, so
              that it sees more), option; what blocks the session comes first
  steps       list of name, method, url, status (0: no response), seen

version:
  version, revision, time, modified (these three may be absent), go, platform`,
	}
}
