// Package compile type-checks a Go module as it would be with some of its files
// changed, before anything is written. It is go build's verdict without its
// output: the go command lists the packages, with the changed files through an
// overlay, and compiles what they import from elsewhere; go/types checks the packages
// themselves, their tests included, so that each fault has a file and a line.
//
// go vet is left out on purpose: what it reports is a matter of the owner's code
// and not of the merge, a run took as long again, and go test runs the part of it
// that matters.
package compile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/packages"
)

// Fault is one reason why a module does not compile.
type Fault struct {
	File    string // slash-separated path in the module, empty where no file is to blame
	Line    int    // from 1; 0 where the whole file is meant
	Column  int    // in bytes, from 1
	Message string
	// Modules says that go.mod or go.sum is to blame: a package that no required
	// module has, a missing sum, a version that is too low. go mod tidy helps.
	Modules bool
}

// String is the fault as the go command prints it.
func (f Fault) String() string {
	switch {
	case f.File == "":
		return f.Message
	case f.Line == 0:
		return fmt.Sprintf("%s: %s", f.File, f.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
}

// Unavailable is the error of a check that says nothing about the module: there
// is no go command, it does not work here, or a required module can neither be
// found in the cache nor be downloaded.
type Unavailable struct{ Reason string }

func (e *Unavailable) Error() string { return e.Reason }

// Check returns the faults of the module, none if it compiles, at most one for
// each line. The error is an [*Unavailable] or the context's.
func Check(ctx context.Context, m Module) ([]Fault, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return nil, &Unavailable{"there is no go command here, so nothing was compiled"}
	}
	c := newChecker(m)
	pkgs, err := c.load(ctx, m.Dir, c.overlay)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, errNoPackage) && len(m.Changed) == 0: // of a module that has no code yet
		return nil, nil
	case err != nil:
		if broken := c.control(ctx); broken != nil {
			return nil, broken
		}
		return []Fault{{File: "go.mod", Message: plain(err), Modules: true}}, ctx.Err()
	}
	return c.faults(ctx, pkgs)
}

// load finds the packages of the module in a directory, their tests included, and
// checks them.
func (c *checker) load(ctx context.Context, dir string, overlay map[string][]byte) ([]*packages.Package, error) {
	const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
		packages.NeedDeps | packages.NeedTypesSizes | packages.NeedModule
	pkgs, err := c.list(ctx, dir, overlay, mode, true, "./...")
	if err != nil {
		return nil, err
	}
	return pkgs, c.check(ctx, dir, overlay, pkgs)
}

// faults sorts out what is wrong. What cannot be loaded outside of the module is
// not the code's fault if the go command should have it: the standard library,
// and the packages of required modules.
func (c *checker) faults(ctx context.Context, pkgs []*packages.Package) ([]Fault, error) {
	goMod, err := modfile.Parse("go.mod", c.file("go.mod"), nil)
	if err != nil { // a directive of a newer Go, perhaps
		goMod, err = modfile.ParseLax("go.mod", c.file("go.mod"), nil) // without replace
	}
	if err != nil || goMod.Module == nil {
		return []Fault{{File: "go.mod", Message: "it has no module line that can be read"}}, nil
	}
	own := goMod.Module.Mod.Path
	found := map[Fault]bool{}
	var elsewhere []packages.Error
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		switch {
		case len(p.Errors) == 0:
		case within(own, p.PkgPath) || slices.Contains(pkgs, p):
			c.ofPackage(p, false, found)
		case c.shouldExist(goMod, p.PkgPath):
			elsewhere = append(elsewhere, p.Errors...)
		default:
			c.ofPackage(p, true, found)
		}
	})
	if len(elsewhere) > 0 {
		if broken := c.control(ctx); broken != nil {
			return nil, broken
		}
		why := "a required module is not in the module cache and cannot be downloaded"
		if len(goMod.Replace) > 0 {
			why += ", or a replace in go.mod leads elsewhere"
		}
		return nil, &Unavailable{why + ", so nothing was compiled: " + plain(elsewhere[0])}
	}
	if len(found) > 0 {
		if broken := c.control(ctx); broken != nil {
			return nil, broken
		}
	}
	list := slices.SortedFunc(maps.Keys(found), func(a, b Fault) int {
		return strings.Compare(fmt.Sprintf("%s:%09d:%s", a.File, a.Line, a.Message),
			fmt.Sprintf("%s:%09d:%s", b.File, b.Line, b.Message))
	})
	// A syntax error brings others on its line, and a test of a package that
	// does not compile brings its faults once more.
	return slices.CompactFunc(list,
		func(a, b Fault) bool { return a.File != "" && a.File == b.File && a.Line == b.Line }), ctx.Err()
}

// ofPackage adds the errors of a package. What the go command says of it as a
// whole repeats those that have a type and a place, and is left out beside them.
func (c *checker) ofPackage(p *packages.Package, modules bool, found map[Fault]bool) {
	typed := slices.ContainsFunc(p.Errors, func(e packages.Error) bool { return e.Kind != packages.ListError })
	for _, e := range p.Errors {
		if typed && e.Kind == packages.ListError {
			continue
		}
		f := Fault{Message: leftEmpty.ReplaceAllString(plain(e), "no Go file is left in $1"), Modules: modules}
		f.File, f.Line, f.Column = c.place(e.Pos)
		found[f] = true
	}
}

// leftEmpty is what the go command says of a package whose files go.
var leftEmpty = regexp.MustCompile(`build constraints exclude all Go files in (\S+)`)

// place splits file:line:column and makes the file relative to the module.
func (c *checker) place(pos string) (file string, line, column int) {
	file = pos
	var numbers []int
	for range 2 {
		i := strings.LastIndexByte(file, ':')
		n := 0
		if i < 0 {
			break
		}
		if _, err := fmt.Sscanf(file[i+1:], "%d", &n); err != nil {
			break
		}
		file, numbers = file[:i], append(numbers, n)
	}
	switch len(numbers) {
	case 1:
		line = numbers[0]
	case 2:
		line, column = numbers[1], numbers[0]
	}
	if rel, err := filepath.Rel(c.Dir, file); err == nil && filepath.IsAbs(file) && filepath.IsLocal(rel) {
		file = rel
	}
	if file == "-" {
		file = ""
	}
	return filepath.ToSlash(file), line, column
}

// seenWorking has the settings with which this process saw the go command work.
var seenWorking sync.Map

// control is nil if the go command works: if it can load a package without any
// fault, with the same settings.
func (c *checker) control(ctx context.Context) error {
	if err := c.caches(ctx); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sessionseed-")
	if err != nil {
		return &Unavailable{"nothing was compiled, since there is no temporary directory: " + plain(err)}
	}
	defer os.RemoveAll(dir)
	version := "1.26.0"
	if f, err := modfile.ParseLax("go.mod", c.file("go.mod"), nil); err == nil && f.Go != nil {
		version = f.Go.Version
	}
	environment, flags := c.flags()
	settings := strings.Join(slices.Concat(c.env, flags, []string{environment, version}), "\n")
	settings = strings.ReplaceAll(settings, "PWD="+c.Dir+"\n", "")
	if _, seen := seenWorking.Load(settings); seen {
		return nil
	}
	for name, text := range map[string]string{
		"go.mod": "module control\n\ngo " + version + "\n",
		// net is what a service needs cgo and a C compiler for, where there is one.
		"control.go": "package control\n\nimport _ \"net\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return &Unavailable{"nothing was compiled: " + plain(err)}
		}
	}
	alone := *c
	alone.env = append(slices.Clip(c.env), "PWD="+dir)
	if work := os.Getenv("GOWORK"); work == "" || exists(work) {
		alone.env = append(alone.env, "GOWORK=off") // no workspace has this directory
	}
	pkgs, err := alone.load(ctx, dir, nil)
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		if err == nil && len(p.Errors) > 0 {
			err = p.Errors[0]
		}
	})
	if err != nil {
		return &Unavailable{"the go command does not work here, so nothing was compiled: " + plain(err)}
	}
	seenWorking.Store(settings, true)
	return nil
}

// caches is nil if the go command has both of its caches, which it seeks under the
// home directory unless GOCACHE and GOMODCACHE name them. Without a
// module cache it blames the module.
func (c *checker) caches(ctx context.Context) error {
	names := []string{"GOCACHE", "GOMODCACHE"}
	env := exec.CommandContext(ctx, "go", append([]string{"env"}, names...)...)
	env.Dir, env.Env = c.Dir, c.env
	out, err := env.Output()
	dirs := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if err != nil || len(dirs) != len(names) {
		return nil // which the control reports
	}
	for i, dir := range dirs {
		if dir == "" || dir == "off" {
			return &Unavailable{fmt.Sprintf("the go command has no directory for %s, so nothing was compiled: set "+
				"it, or HOME", names[i])}
		}
		if !filepath.IsAbs(dir) {
			continue // as above
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return &Unavailable{fmt.Sprintf("the go command cannot use its %s, so nothing was compiled: %v", names[i],
				err)}
		}
	}
	return nil
}

// shouldExist reports whether the go command can be expected to have a package:
// it is of the standard library, or of a required module whose sum is known.
func (c *checker) shouldExist(f *modfile.File, importPath string) bool {
	if first, _, _ := strings.Cut(importPath, "/"); !strings.Contains(first, ".") {
		return true
	}
	sums := string(c.file("go.sum"))
	return slices.ContainsFunc(f.Require, func(r *modfile.Require) bool {
		if !within(r.Mod.Path, importPath) {
			return false
		}
		m := r.Mod
		for _, replaced := range f.Replace {
			if replaced.Old.Path == m.Path && (replaced.Old.Version == "" || replaced.Old.Version == m.Version) {
				m = replaced.New
			}
		}
		return m.Version == "" || strings.Contains("\n"+sums, "\n"+m.Path+" "+m.Version+" h1:")
	})
}

func within(module, importPath string) bool {
	return importPath == module || strings.HasPrefix(importPath, module+"/")
}
