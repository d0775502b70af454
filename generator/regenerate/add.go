package regenerate

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/compile"
	"github.com/sessionseed/sessionseed/generator/internal/dotenv"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Target is a Go module that packages can be added to.
type Target struct {
	Dir    string
	Module string // its path
	Go     string // the version of its go line, "" for none
}

// FindTarget reads the go.mod in dir. The error says what dir is instead: a project
// already, a directory inside of a module, or nothing of the kind.
func FindTarget(g *render.Generator, dir string) (*Target, error) {
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if above := moduleAbove(dir); above != "" {
			return nil, problem.New(fmt.Sprintf("%q is inside a Go module, and has no go.mod of its own", dir),
				"name the module's directory: sessionseed add "+above)
		}
		return nil, problem.New(fmt.Sprintf("%q is not a Go module: it has no go.mod", dir),
			"name the directory with the service's go.mod, or write a new service: sessionseed new DIR")
	case err != nil:
		return nil, problem.New(fmt.Sprintf("cannot read go.mod in %q: %v", dir, project.UnwrapPath(err)),
			"name a Go module that you may read")
	}
	f, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil || f.Module == nil {
		return nil, problem.New(fmt.Sprintf("go.mod in %q has no module line that can be read", dir),
			"fix it first; go mod edit -json says where it is wrong")
	}
	for _, name := range []string{project.ManifestPath, "sessionseed.yaml"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return nil, problem.New(fmt.Sprintf("%q is a sessionseed project already: it has %s", dir, name),
				"change its options with sessionseed regenerate; regenerate --undo takes back the last run")
		}
	}
	t := &Target{Dir: dir, Module: f.Module.Mod.Path}
	if f.Go != nil {
		t.Go = f.Go.Version
	}
	return t, nil
}

// moduleAbove is the nearest directory above dir with a go.mod, as seen from the
// working directory, or "".
func moduleAbove(dir string) string {
	full, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for at := filepath.Dir(full); ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			if here, err := os.Getwd(); err == nil {
				if rel, err := filepath.Rel(here, at); err == nil {
					return rel
				}
			}
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// Add plans to put the packages of o into the module that is in dir; they go below
// o.Into. The set is applied as one of [Plan] is. All names that are taken are
// reported at once; of .gitignore, .env and .env.example the lines are kept and those
// that are missing are added, and go.mod and go.sum are merged.
func Add(ctx context.Context, g *render.Generator, dir string, o options.Options) (*changeset.Set, error) {
	g = g.Remembering()
	p, err := project.Open(dir, g.Owned())
	if err != nil {
		return nil, err
	}
	defer p.Close()
	p.In(o.Into)
	u := &updater{
		g: g, p: p, present: o, st: &state.State{Generator: g.Version, Base: map[string][]byte{}},
		bases: map[string]tree.File{}, pending: map[string]tree.File{},
	}
	if u.next, err = render.NewPlan(o); err != nil {
		return nil, err
	}
	secrets, err := render.NewSecrets(rand.Reader)
	if err != nil {
		return nil, err
	}
	if u.tree, err = g.RenderPlan(u.next, secrets); err != nil {
		return nil, err
	}
	u.cs = &changeset.Set{Dir: p.Dir, To: g.Version, Options: []options.OptionChange{}, Effective: u.next.Options,
		Owned: g.Owned()}
	if err := errors.Join(u.taken()...); err != nil {
		return nil, err
	}
	var modules []changeset.Versions
	for _, f := range u.tree.Files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, unreadable := u.versions(f.Path)
		switch {
		case unreadable != nil:
			u.add(*unreadable, v)
		case v.Class == tree.Modules:
			modules = append(modules, v)
		case v.Disk == nil:
			u.add(changeset.Decide(v, u.o), v)
		default: // taken lets no other through
			f := withMissing(v)
			readable := v.Disk.Mode&0o077 != 0 && filepath.Separator == '/'
			if v.Class == tree.Secret && f.Action == changeset.Merge && readable {
				u.cs.Notes = append(u.cs.Notes, "other users of this machine can read .env, which now holds keys: "+
					"chmod 600 "+v.Path)
			}
			u.add(f, v)
		}
	}
	if err := u.modules(modules); err != nil {
		return nil, err
	}
	slices.SortFunc(u.cs.Files, func(a, b changeset.FileChange) int { return strings.Compare(a.Path, b.Path) })
	if err := u.surroundings(); err != nil {
		return nil, err
	}
	return u.cs, u.machineState()
}

// CheckVacant is the reason why [Add] could not put the packages of o into a directory
// of the module in dir, nil if it could.
func CheckVacant(g *render.Generator, dir string, o options.Options, into string) error {
	if err := options.CheckInto(into); err != nil {
		return err
	}
	p, err := project.Open(dir, g.Owned())
	if err != nil {
		return err
	}
	defer p.Close()
	o.Into = into
	u := &updater{p: p}
	if u.next, err = render.NewPlan(o); err != nil {
		return nil // what is wrong with other options is not this one's
	}
	if u.tree, err = g.RenderPlan(u.next, render.Secrets{}); err != nil {
		return err
	}
	return errors.Join(u.taken()...)
}

// withMissing adds to a file of the owner's, of one setting or pattern a line, what
// it lacks.
func withMissing(v changeset.Versions) changeset.FileChange {
	f := changeset.FileChange{Path: v.Path, Class: v.Class, Action: changeset.Keep, Before: v.Disk, After: v.Disk}
	data := textmerge.ToLF(v.Disk.Data)
	if v.Path == ".gitignore" {
		data = state.WithLines(data, withoutRemarks(v.Next.Data))
	} else {
		have, fresh := dotenv.Names(data), dotenv.Names(v.Next.Data)
		added := slices.DeleteFunc(dotenv.Order(v.Next.Data), func(name string) bool { return have[name] != "" })
		for _, name := range added {
			if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
				data = append(data, '\n')
			}
			data = append(data, "\n"+fresh[name]+"\n"...)
		}
	}
	if !bytes.Equal(data, textmerge.ToLF(v.Disk.Data)) {
		f.Action, f.Note = changeset.Merge, "your lines stay; missing ones are added at the end"
		f.After = &tree.Blob{Mode: v.Disk.Mode, Data: textmerge.WithEndingsOf(v.Disk.Data, data)}
	}
	return f
}

// withoutRemarks are the lines of a list that are neither empty nor comments.
func withoutRemarks(list []byte) []byte {
	var out []byte
	for line := range bytes.Lines(list) {
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '#' {
			out = append(out, line...)
		}
	}
	return out
}

// shared are the files that a module may have already and keeps.
var shared = []string{"go.mod", "go.sum", ".env", ".env.example", ".gitignore"}

// taken are the reasons why the packages cannot go where they are to: what is there.
func (u *updater) taken() (problems []error) {
	into := u.next.Options.Into
	packages := map[string]bool{} // directories of the new tree with Go files
	var files []string
	for _, f := range u.tree.Files {
		switch {
		case path.Ext(f.Path) == ".go":
			packages[path.Dir(f.Path)] = true
		case slices.Contains(shared, f.Path):
		default:
			if _, err := u.p.Root.Lstat(filepath.FromSlash(f.Path)); err == nil {
				files = append(files, f.Path)
			}
		}
	}
	for dir := into; dir != "."; dir = path.Dir(dir) {
		info, err := u.p.Root.Lstat(filepath.FromSlash(dir))
		if err != nil {
			continue
		}
		if !info.IsDir() {
			problems = append(problems, problem.For("into", fmt.Sprintf("%s is not a directory", dir),
				"put the packages elsewhere: --dir "+u.vacant()))
		}
		if _, err := u.p.Root.Lstat(filepath.FromSlash(dir + "/go.mod")); err == nil {
			problems = append(problems, problem.For("into", fmt.Sprintf("%s is a Go module of its own", dir),
				"put the packages elsewhere with --dir, or add to that module: sessionseed add "+
					filepath.Join(u.p.Dir, filepath.FromSlash(dir))))
		}
	}
	var dirs []string
	for dir := range packages {
		if name, there := u.packageIn(dir); there && strings.HasPrefix(dir, into+"/") {
			text := dir
			if name != "" && name != path.Base(dir) {
				text += " (package " + name + ")"
			}
			dirs = append(dirs, text)
		} else if there {
			files = append(files, dir)
		}
	}
	if slices.Sort(dirs); len(dirs) > 0 {
		problems = append(problems, problem.For("into", "there are packages of yours in "+strings.Join(dirs, ", "),
			"put these elsewhere: --dir "+u.vacant()))
	}
	slices.Sort(files)
	if files = slices.Compact(files); len(files) > 0 {
		option, hint := "into", "move it away"
		if strings.HasPrefix(files[0], "demo") {
			option, hint = "demo", "move it away, or do without the demo: --demo=false"
		}
		problems = append(problems, problem.For(option, "there is something of yours at "+strings.Join(files, ", "),
			hint))
	}
	return problems
}

// packageIn is the name of the package in a directory that is on disk with any Go
// file, whatever its build constraints.
func (u *updater) packageIn(dir string) (name string, there bool) {
	entries, err := fs.ReadDir(u.p.Root.FS(), dir)
	if err != nil {
		_, err := u.p.Root.Lstat(filepath.FromSlash(dir))
		return "", err == nil // a file, or nothing
	}
	for _, e := range entries {
		if path.Ext(e.Name()) != ".go" {
			continue
		}
		there = true
		src, err := u.p.Read(dir + "/" + e.Name())
		if err != nil || src == nil {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", src.Data, parser.PackageClauseOnly)
		if err == nil {
			return f.Name.Name, true
		}
	}
	return "", there
}

// vacant is a directory in which nothing is.
func (u *updater) vacant() string {
	for _, dir := range []string{"internal/auth", "internal/sessions", "internal/sessionseed"} {
		if _, err := u.p.Root.Lstat(filepath.FromSlash(dir)); errors.Is(err, fs.ErrNotExist) {
			return dir
		}
	}
	return "internal/DIRECTORY"
}

// surroundings notes what the new packages mean for what is around them. The error is
// for a workspace in which they cannot be built.
func (u *updater) surroundings() error {
	note := func(format string, args ...any) { u.cs.Notes = append(u.cs.Notes, fmt.Sprintf(format, args...)) }
	leftOut := compile.LeftOutBy(u.p.Dir, os.Getenv("GOWORK"))
	for _, f := range u.cs.Files {
		if f.Path != "go.mod" || f.Before == nil || f.After == nil {
			continue
		}
		was, now := goLine(f.Before.Data), goLine(f.After.Data)
		if was != now {
			note("go.mod said go %s, and the packages need go %s: it is raised, as go get would",
				cmp.Or(was, "nothing"), now)
		}
		if work := compile.Workspace(u.p.Dir, os.Getenv("GOWORK")); work != "" && leftOut == "" {
			data, err := os.ReadFile(work)
			if said := goLine(data); err == nil && semver.Compare("v"+said, "v"+now) < 0 {
				return problem.New(fmt.Sprintf("%s says go %s, and the packages need go %s", work, said, now),
					"raise it first: go work edit -go="+now+" "+work)
			}
		}
	}
	if leftOut != "" {
		note("%s leaves the module out: run go work use . here, or build with GOWORK=off", leftOut)
	}
	into := u.next.Options.Into
	if i := strings.LastIndex("/"+into+"/", "/internal/"); i > 0 {
		note("only packages below %s can import what is in %s", into[:i-1], into)
	}
	return nil
}

// goLine is the version of the go line of a go.mod or go.work.
func goLine(data []byte) string {
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "go" {
			return f[1]
		}
	}
	return ""
}
