package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/compile"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// summary says what is about to be written, and what follows for the cookie. On 60
// columns and on 80 it fits a screen of 24 lines.
func summary(s *settings, dir string, d policy.Decision, width int) string {
	o := &s.options
	var b strings.Builder
	row := func(name, text string) {
		b.WriteString(wrap(fmt.Sprintf("  %-11s", name), text, min(width, textWidth)) + "\n")
	}
	b.WriteByte('\n')
	row("Directory", problem.ShellQuote(dir))
	if o.Into != "" {
		row("Packages", o.Into+", for you to mount")
	}
	row("Module", o.Module)
	row("Service", d.PublicURL.String())
	row("Front ends", someOf(policy.Strings(d.Origins), 3, "none: only pages of the service itself"))
	life := lifeInWords(o)
	if o.Assurance != noAssurance {
		life += "; " + strings.ToUpper(o.Assurance) + " of NIST SP 800-63B-4"
	}
	row("Session", life)
	row("Store", o.Store+" ("+storeNotes[o.Store]+")")
	if o.Accounts == "table" {
		row("Accounts", "table ("+accountNotes["table"]+")")
	}
	row("Also", someOf(extras(o), len(extras(o)), "nothing"))
	b.WriteByte('\n')
	row("Cookie", d.CookieLine())
	switch {
	case len(d.Origins) == 0:
		row("Browsers", "pages of the service itself use relative URLs and need no setting")
	case d.Class == policy.ClassC:
		sites := "not all front ends are on the service's site"
		if len(d.Origins) == 1 {
			sites = "front end and service are on different sites"
		}
		row("Browsers", sites+": cookies must cross sites")
		row("Requests", "each needs {credentials: 'include'}")
	default:
		row("Browsers", "front ends and service are one site")
		row("Requests", "each needs {credentials: 'include'}")
	}
	b.WriteString(wrap("  ", "Why? Run sessionseed explain in the project.", min(width, textWidth)) + "\n")
	return b.String()
}

// extras are the parts that were chosen besides the service.
func extras(o *options.Options) []string {
	var list []string
	for _, part := range []struct {
		name string
		in   bool
	}{{"captcha", o.Captcha.Enabled}, {"demo", o.Demo}, {"Dockerfile", o.Docker}, {"CI workflow", o.CI}} {
		if part.in {
			list = append(list, part.name)
		}
	}
	return list
}

// someOf lists at most n words, and none where there are none.
func someOf(words []string, n int, none string) string {
	switch {
	case len(words) == 0:
		return none
	case len(words) > n:
		return joinWords(words[:n]) + fmt.Sprintf(" and %d more", len(words)-n)
	}
	return joinWords(words)
}

// What accounts need outside development, and, where publicURL is https, how to try
// them without it.
const (
	mailFirst = "First set SMTP_URL and MAIL_FROM in .env: without them the service does not start."
	plainHTTP = "Or, to try it on this machine over plain http, uncomment the settings at the end of .env"
)

// needsMail reports whether a service with users refuses to start without a mail server. In
// development, at plain http on this machine, it starts without one.
func needsMail(o *options.Options) bool {
	u, _, err := policy.ParseServiceURL(o.PublicURL)
	return o.Accounts == "table" && err == nil && (u.HTTPS() || !u.Loopback())
}

// nextSteps says on standard error how to go on, and after questions how to do the
// same without them.
func (a *app) nextSteps(s *settings, dir string, words []string) {
	o := &s.options
	color, width := style(a.color(a.err)), min(a.width(), textWidth)
	var b strings.Builder
	say := func(text string) { b.WriteString(wrap("", text, width) + "\n") }
	b.WriteString("\nNext:\n")
	if filepath.Clean(dir) != "." {
		fmt.Fprintf(&b, "  %s\n", color.bold("cd "+problem.ShellQuote(dir)))
	}
	var steps []nextStep
	if work := compile.LeftOutBy(dir, a.getenv("GOWORK")); work != "" {
		steps = append(steps, nextStep{"go work use .", shortPath(dir, work) + " leaves the project out"})
	}
	b.WriteString(inColumns(append(steps, firstSteps(o)...), width, color))
	b.WriteByte('\n')
	what := "Log in as demo; the random password is"
	if o.Accounts == "table" {
		what = "The random key is"
	}
	say(what + " in .env, which git ignores.")
	switch https := strings.HasPrefix(o.PublicURL, "https:"); {
	case needsMail(o) && https:
		say(mailFirst + " " + plainHTTP + ".")
	case needsMail(o):
		say(mailFirst)
	case https:
		say("To try it on this machine over plain http, first uncomment the settings at the end of .env.")
	}
	switch o.Store {
	case "sqlite":
		say("The first build fetches 60 MB and takes a minute or two.")
	case "postgres", "redis":
		say(o.ServerNote() + " The first build fetches the driver and compiles the standard library.")
	default:
		say("The first build compiles the standard library: up to half a minute, once.")
	}
	if s.asked() {
		b.WriteString("\nThe same without questions:\n")
		b.WriteString("  " + strings.ReplaceAll(shellCommand(words, textWidth), "\n", "\n  ") + "\n")
	}
	a.say("%s", strings.TrimSuffix(b.String(), "\n"))
}

// nextStep is a command, and what it is for.
type nextStep struct{ command, remark string }

// firstSteps are what to do with a project that was just written.
func firstSteps(o *options.Options) []nextStep {
	where := "the service, on " + o.PublicURL
	switch _, host, _ := strings.Cut(o.PublicURL, "://"); {
	case strings.HasPrefix(o.PublicURL, "https:"): // which a proxy answers
		where = "the service, for " + o.PublicURL
	case !strings.Contains(host[strings.LastIndexByte(host, ']')+1:], ":"): // the same on port 80
		where = "the service, on port 8080, for " + o.PublicURL
	}
	steps := []nextStep{{"go run .", where}}
	if o.Demo {
		steps = append(steps, nextStep{"go run ./demo", "in another terminal: a front end to log in with"})
	}
	if o.Accounts == "table" {
		steps = append(steps, nextStep{"go run . create-user EMAIL", "creates an account without a confirmation mail"})
	}
	return append(steps, nextStep{"go test ./...", "its tests"})
}

// manyNamed is how many files are named of those that a run replaces or does not find.
const manyNamed = 5

// inColumns writes the commands, and beside them the remarks, within width columns.
func inColumns(steps []nextStep, width int, color style) string {
	longest := 16
	for _, s := range steps {
		longest = max(longest, len(s.command))
	}
	var b strings.Builder
	for _, s := range steps {
		command := fmt.Sprintf("%-*s", longest, s.command)
		line := wrap("  "+command+"  ", s.remark, width)
		b.WriteString(strings.Replace(line, command, color.bold(command), 1) + "\n")
	}
	return b.String()
}

// shortPath is a file's path as seen from dir, in which the person is to stand.
func shortPath(dir, file string) string {
	full, err := filepath.Abs(dir)
	if err == nil {
		full, err = filepath.EvalSymlinks(full)
	}
	if rel, relErr := filepath.Rel(full, file); err == nil && relErr == nil && len(rel) < len(file) {
		return rel
	}
	return file
}

// secretNote is printed in place of a file whose content is secret.
const secretNote = "random values, not shown"

// printDryRun lists what would be written, in short a directory a line.
func (a *app) printDryRun(dir string, made state.Created) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Would write %d files to %s:\n", made.Count(), problem.ShellQuote(dir))
	if a.verbose {
		for _, f := range made.Tree.Files {
			remark := ""
			if f.Class == tree.Secret {
				remark = "  (" + secretNote + ")"
			}
			fmt.Fprintf(&b, "  %7d  %s%s\n", len(f.Data), f.Path, remark)
		}
	} else {
		b.WriteString(topText(made.Tree))
	}
	if len(made.Kept) > 0 {
		b.WriteString(wrap("", "It would keep your "+keptText(made.Kept), textWidth) + "\n")
	}
	if len(made.Replaced) > 0 {
		b.WriteString(wrap("", "It would replace your "+someOf(made.Replaced, manyNamed, ""), textWidth) + "\n")
	}
	_, err := io.WriteString(a.out, b.String())
	return err
}

// keptText names the files of the owner's that stay, one of them with more lines.
func keptText(kept []string) string {
	names := slices.Clone(kept)
	for i, name := range names {
		if name == ".gitignore" {
			names[i] += " (with missing lines added)"
		}
	}
	return joinWords(names)
}

// topText is what a project holds at its top: each directory with the number of its
// files, then the names of the files.
func topText(t *tree.Tree) string {
	var b strings.Builder
	var dirs, files []string
	inside := map[string]int{}
	for _, f := range t.Files {
		dir, _, deep := strings.Cut(f.Path, "/")
		switch {
		case !deep && f.Class == tree.Secret:
			files = append(files, f.Path+" ("+secretNote+")")
		case !deep:
			files = append(files, f.Path)
		default:
			if inside[dir]++; inside[dir] == 1 {
				dirs = append(dirs, dir)
			}
		}
	}
	for _, dir := range dirs {
		fmt.Fprintf(&b, "  %-15s %s\n", dir+"/", count(inside[dir], "file", "files"))
	}
	b.WriteString(wrap("  ", joinWords(files), textWidth) + "\n")
	return b.String() + "  (--verbose lists all)\n"
}

// printNewDiff shows the tree against what the directory holds, as git would.
func (a *app) printNewDiff(dir string, t *tree.Tree) error {
	for _, f := range t.Files {
		if f.Class == tree.Secret || f.Class == tree.StateFile {
			a.say("%s: %d bytes, %s", f.Path, len(f.Data),
				map[bool]string{true: secretNote, false: "machine state"}[f.Class == tree.Secret])
			continue
		}
		from := "a/" + f.Path
		old, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		if err != nil {
			from = os.DevNull
		}
		if _, err := a.out.Write(textmerge.Unified(from, "b/"+f.Path, old, f.Data)); err != nil {
			return err
		}
	}
	return nil
}
