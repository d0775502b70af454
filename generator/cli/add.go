package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/dotenv"
	"github.com/sessionseed/sessionseed/generator/internal/mount"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// addOptions are what `add` is run with.
type addOptions struct {
	askOptions
	previewOptions
	dir    string      // of the module
	given  optionFlags // the project's options, as flags have them
	config string      // file of options, or ""
	json   bool
	undo   bool
}

func newCmdAdd(a *app, run func(context.Context, *addOptions) error) *cobra.Command {
	o := &addOptions{given: optionFlags{}}
	if run == nil {
		run = a.runAdd
	}
	cmd := &cobra.Command{
		Use:   "add [DIR]",
		Short: "Add sessions, captcha and CORS to an existing Go service",
		Long: `add writes what new does, except the main package, Dockerfile and CI, into the
Go module in DIR (by default the one around this directory). Three lines mount
it: they are printed for your router (net/http, chi, gin, echo, fiber or
gorilla/mux). No file of yours is replaced: go.mod and go.sum are merged, .env
and .gitignore get missing lines. Everything is compiled before it is written.`,
		Example: `  sessionseed add services/shop --dir internal/auth --diff
  sessionseed add --yes --store postgres --max-age 8h`,
		Args:              a.oneDir,
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.undo {
				if err := undoAlone(cmd.Flags()); err != nil {
					return err
				}
			}
			o.dir = moduleDir(args)
			return run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	o.askOptions.flags(f)
	configFlag(cmd, &o.config, "read options from this `file` (- is standard input)")
	o.previewOptions.flags(f)
	jsonFlag(f, &o.json)
	f.BoolVar(&o.undo, "undo", false, "take back the last run; once more: redo it")
	o.given.addToModule(cmd)
	return cmd
}

// addResult is what `add --json` prints.
type addResult struct {
	updateResult
	Module     string         `json:"module"`
	Options    map[string]any `json:"options"`
	Policy     policyResult   `json:"policy"`
	Mount      *mount.Mount   `json:"mount"`
	Equivalent []string       `json:"equivalent"`
}

// document is the result as it is printed.
func (r addResult) document() any {
	d := struct {
		addResult
		Plan *planResult `json:"plan"`
	}{addResult: r, Plan: &planResult{r.Plan, []optionChange{}}}
	return d
}

func (a *app) runAdd(ctx context.Context, o *addOptions) error {
	if o.undo {
		return a.runUndo(&updateOptions{command: "add", dir: o.dir, json: o.json})
	}
	if !o.previewOptions.any() {
		done, err := project.Recover(o.dir, a.gen.Owned())
		if err == nil && done.Text != "" {
			a.say("sessionseed: %s", done.Text)
		}
	}
	s, decision, err := a.addAnswers(ctx, o)
	if err != nil {
		return err
	}
	a.sayWithoutEffect(s)
	s.options.PublicURL, s.options.CORSOrigins = decision.PublicURL.String(), policy.Strings(decision.Origins)
	cs, err := regenerate.Add(ctx, a.gen, o.dir, s.options)
	if err != nil {
		return refusedOptions(err)
	}
	if err := cs.Blocked(); err != nil {
		return err
	}
	cs.Notes = append(slices.Concat(readableByOthers(cs, o.dir), cs.Notes), uncommitted(ctx, o.dir)...)
	result := addResult{
		updateResult: updateResult{Command: "add", Directory: o.dir, Plan: cs}, Module: s.options.Module,
		Options: values(&s.options), Policy: policyJSON(decision), Mount: a.mounting(s, o.dir),
		Equivalent: equivalent(s, "add", o.dir, options.AddDefaults()),
	}
	text := planText(cs, a.verbose)
	switch {
	case o.diff && !o.json:
		_, err := fmt.Fprint(a.out, cs.Diff())
		return err
	case o.previewOptions.any():
		text += wouldText(cs)
	default:
		done := a.progress("Compiling the module with the new packages")
		applied, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{})
		done()
		if err != nil {
			return a.notAdded(o, err)
		}
		result.Written, result.Result = true, applied
		text += strings.ReplaceAll(a.appliedText(applied, o.dir), "the project compiles", "the module compiles")
	}
	if o.json {
		return printJSON(a.out, result.document())
	}
	if _, err := fmt.Fprintf(a.out, "%s\n%s", text, mountText(result.Mount)); err != nil {
		return err
	}
	if !o.previewOptions.any() {
		a.nextAfterAdd(ctx, s, o.dir, result.Equivalent, cs)
	}
	return nil
}

// mounting is what to write to mount the packages.
func (a *app) mounting(s *settings, dir string) *mount.Mount {
	return mount.Find(dir, s.options.Module+"/"+tree.Place("internal/web", s.options.Into), routesOf(&s.options))
}

// routesOf are the routes that the packages answer.
func routesOf(o *options.Options) []string {
	routes := []string{"POST /login", "POST /logout", "POST /logout/others", "GET /me"}
	if o.Captcha.Enabled {
		routes = append(routes, "GET /code")
	}
	if o.Captcha.PoW {
		routes = append(routes, "GET /code/work")
	}
	if o.MagicLink {
		routes = append(routes, "POST /login/link", "POST /login/link/use")
	}
	if o.ListsSessions() {
		routes = append(routes, "GET /sessions", "DELETE /sessions/{id}")
	}
	if o.Accounts == "table" {
		routes = append(routes, "POST /register", "POST /confirm", "POST /password", "POST /password/forgot",
			"POST /password/reset", "POST /email", "POST /email/confirm", "DELETE /account", "GET /mailbox")
	}
	return routes
}

// ofGoMod has the remedy for a module path speak of go.mod, which has it.
func ofGoMod(err error) error {
	for _, p := range problem.List(err) {
		if p.Option == "module" && strings.HasPrefix(p.Fact, "module path") {
			p.Hint = "change the module line of go.mod, and the imports that begin with it, to a path such as " +
				"example.com/shop"
		}
	}
	return err
}

// addAnswers are valid options for a module: its own path, and the rest as with `new`.
func (a *app) addAnswers(ctx context.Context, o *addOptions) (*settings, policy.Decision, error) {
	var none policy.Decision
	target, notThere := state.FindTarget(o.dir)
	if notThere != nil {
		return nil, none, refused(hintsFor(o.dir, notThere))
	}
	s, err := a.settingsOver(options.AddDefaults(), o.config, o.given)
	errs := []error{err}
	if given := s.options.Module; !s.isOpen("module") && given != target.Module {
		errs = append(errs, problem.For("module", fmt.Sprintf("module is %s, and go.mod says %s", given, target.Module),
			"leave it out: the packages use go.mod's"))
	}
	s.options.Module, s.from["module"] = target.Module, fromFile
	if s.options.Into == "" {
		errs = append(errs, problem.For("into", "no directory is given for the packages",
			"give --dir a directory below go.mod, such as internal"))
	}
	if ask, why := a.canPrompt(o.askOptions); ask {
		errs = append(errs, joinProblems(settled(s)))
		if err := errors.Join(errs...); err != nil {
			return nil, none, refused(ofGoMod(err))
		}
		if err := a.addInterview(ctx, s, o); err != nil {
			return nil, none, err
		}
	} else if err := unasked(s, o.dir, why, o.yes); err != nil {
		errs = append(errs, err)
	}
	decision, err := s.options.Policy()
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, none, refused(ofGoMod(err))
	}
	if ask, _ := a.canPrompt(o.askOptions); !ask {
		if notes := notesInWords(decision, ""); notes != "" {
			a.say("%s", strings.TrimSuffix(notes, "\n"))
		}
	}
	return s, decision, nil
}

// addInterview asks at the terminal, shows the summary and asks for consent.
func (a *app) addInterview(ctx context.Context, s *settings, o *addOptions) error {
	p, err := a.prompter(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }() // a terminal; nothing is lost
	v := &interview{ask: p, set: s, dir: o.dir, checkInto: func(into string) error {
		return regenerate.CheckVacant(a.gen, o.dir, s.options, into)
	}}
	if err := v.run(); err != nil {
		return err
	}
	question := "Add the packages?"
	if o.previewOptions.any() {
		question = "Continue? Nothing will be written."
	}
	return v.agree(question)
}

// notAdded says why nothing was written.
func (a *app) notAdded(o *addOptions, err error) error {
	var broken *changeset.CompileError
	if !errors.As(err, &broken) {
		return hintsFor(o.dir, err)
	}
	fmt.Fprint(a.err, safeLines(broken.Output)+"\n")
	if broken.Before {
		return &codedError{code: exitDrift,
			err:  errors.New("the module did not compile before either; nothing was written"),
			hint: "fix the compile errors first"}
	}
	const held = "if go.mod holds a module at another version (replace, exclude), change that, or choose another " +
		"--store"
	hint := "see above what does not fit; " + held
	if broken.Modules && !strings.Contains(broken.Output, "excluded version") {
		hint = "run go mod tidy, then this command again; " + held
	}
	return &codedError{code: exitDrift,
		err: errors.New("the module would not compile with the packages, so nothing was written"), hint: hint}
}

// uncommitted says that git has changes beside those that are about to be made.
func uncommitted(ctx context.Context, dir string) []string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	status := exec.CommandContext(ctx, "git", "status", "--porcelain", "--", ".")
	status.Dir = dir
	out, err := status.Output()
	if err != nil || len(bytes.TrimSpace(out)) == 0 {
		return nil // no git, no repository, or nothing
	}
	return []string{"git has uncommitted changes here; they stay, and --undo takes back only this run"}
}

// ignored ends a sentence about .env with what git makes of it.
func ignored(ctx context.Context, dir string) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	check := exec.CommandContext(ctx, "git", "check-ignore", "--quiet", "--", ".env")
	check.Dir = dir
	var exit *exec.ExitError
	if errors.As(check.Run(), &exit) && exit.ExitCode() == 1 { // 128 is no repository
		return ". Git does not ignore that file: change that before you commit (git rm --cached, .gitignore)."
	}
	return ", which git ignores."
}

// mountText says what to write, and where.
func mountText(m *mount.Mount) string {
	var b strings.Builder
	where := "where the service serves"
	switch {
	case m.File != "":
		where = "in " + oneLine(m.File)
	case m.Router == "fiber":
		where = "before the app's routes"
	}
	imports := "an import"
	if len(m.Imports) > 1 {
		imports = "these imports"
	}
	fmt.Fprintf(&b, "To mount the sessions, add %s and three lines %s (%s)", imports, where, m.Router)
	if m.File != "" {
		b.WriteString(".\nLines are numbered as the file is now")
	}
	b.WriteString(":\n\n")
	for _, path := range m.Imports {
		fmt.Fprintf(&b, "  import %s\n", oneLine(path))
	}
	for _, e := range m.Edits {
		switch {
		case e.Line == 0:
			b.WriteByte('\n')
		case e.Remove > 1:
			fmt.Fprintf(&b, "  in place of lines %d to %d:\n", e.Line, e.Line+e.Remove-1)
		case e.Remove > 0:
			fmt.Fprintf(&b, "  in place of line %d:\n", e.Line)
		default:
			fmt.Fprintf(&b, "\n  before line %d:\n", e.Line)
		}
		for line := range strings.Lines(e.Text) {
			b.WriteString("    " + oneLine(strings.Trim(line, "\t\n")) + "\n")
		}
	}
	if m.Router == "fiber" {
		b.WriteString("\n" + wrap("  ", "Register all routes after these lines: fiber runs Use for no earlier one. "+
			"Fiber handlers see no session: routes that need one are net/http handlers, as SESSIONS.md shows; fiber "+
			"v2 buffers their answers.", textWidth) + "\n")
	}
	if len(m.Notes) > 0 {
		b.WriteByte('\n')
	}
	return b.String() + notesText(m.Notes)
}

// readableByOthers is a note on a .env of the owner's that gets keys.
func readableByOthers(cs *changeset.Set, dir string) []string {
	for _, f := range cs.Files {
		if f.Path == ".env" && f.Action == changeset.Merge && f.Before.Mode&0o077 != 0 && filepath.Separator == '/' {
			return []string{"other users of this machine can read .env, which is to hold keys: chmod 600 " +
				problem.ShellQuote(filepath.Join(dir, f.Path))}
		}
	}
	return nil
}

// newSecrets names what a plan makes at random and writes to .env.
func newSecrets(cs *changeset.Set) (list []string) {
	for _, f := range cs.Files {
		if f.Path != ".env" {
			continue
		}
		before, after := dotenv.Names(changeset.DataOf(f.Before)), dotenv.Names(changeset.DataOf(f.After))
		for _, secret := range [][2]string{{"ACCOUNT_PASSWORD_HASH", "account password"}, {dotenv.SessionKeys, "key"}} {
			if name := secret[0]; before[name] == "" && after[name] != "" {
				list = append(list, secret[1])
			}
		}
	}
	return list
}

// hadPublicURL reports whether .env had the variable before the run, which then left it alone.
func hadPublicURL(cs *changeset.Set) bool {
	return slices.ContainsFunc(cs.Files, func(f changeset.FileChange) bool {
		return f.Path == ".env" && dotenv.Names(changeset.DataOf(f.Before))["PUBLIC_URL"] != ""
	})
}

// nextAfterAdd says on standard error how to go on, and after questions how to do the
// same without them.
func (a *app) nextAfterAdd(ctx context.Context, s *settings, dir string, words []string, cs *changeset.Set) {
	var b strings.Builder
	text := "SESSIONS.md says how your handlers use the session."
	if s.options.Accounts == "table" {
		if needsMail(&s.options) {
			text += " " + mailFirst
		}
		if strings.HasPrefix(s.options.PublicURL, "https:") {
			text += " " + plainHTTP
			if hadPublicURL(cs) {
				text += ", and set PUBLIC_URL there to http://localhost:8080"
			}
			text += "."
		}
		text += " Create the first account"
		if filepath.Clean(dir) != "." {
			text += ", in " + problem.ShellQuote(dir) + ","
		}
		text += " with go run ./" + path.Join(s.options.Into, "createuser") + " EMAIL."
	}
	if secrets := newSecrets(cs); len(secrets) > 0 {
		is := " is in "
		if len(secrets) > 1 {
			is = " are in "
		}
		text += " The random " + strings.Join(secrets, " and ") + is + problem.ShellQuote(filepath.Join(dir, ".env")) +
			ignored(ctx, dir)
	}
	b.WriteString("\n" + wrap("", text, textWidth) + "\n")
	if note := s.options.ServerNote(); note != "" {
		b.WriteString(wrap("", note, textWidth) + "\n")
	}
	if s.asked() {
		b.WriteString("\nThe same without questions:\n")
		b.WriteString("  " + strings.ReplaceAll(shellCommand(words, textWidth), "\n", "\n  ") + "\n")
	}
	a.say("%s", strings.TrimSuffix(b.String(), "\n"))
}
