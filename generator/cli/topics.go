package cli

import "github.com/spf13/cobra"

// jsonTopic documents every --json. The forms are stable: fields are added,
// never renamed or removed.
func jsonTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "json",
		Short: "What --json prints",
		Long: `With --json a command prints one JSON document on standard output and keeps all
talk on standard error. Fields are added over time, never renamed or removed.

Any command that refuses:
  command   its name
  exit      the exit code
  problems  list of option (may be absent), fact, hint (may be absent)

new:
  command, directory, module
  written     false with --dry-run and --diff
  options     every option by its name in sessionseed.yaml
  policy      class (A to C), cookie (name and attributes), words (sentences),
              notes (list of severity, code, fact, hint)
  files       list of path, class, mode (octal), bytes; contents are not in it
  equivalent  words of the command that does the same without a question

explain:
  command, module, policy (as above)
  options     list of name, value, help, runtime (variable of the service that
              overrides it, may be absent), files (paths that a change touches)

version:
  version, revision, time, modified, go, platform`,
	}
}
