package gomod

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// Trim makes the merged go.mod and go.sum of a run fit the project, once it is to
// be written: what the generator brought earlier and nobody needs any more goes,
// and a version goes up where the new options need it higher than the owner has
// it. Planning finds out what it has to ask, and runs no program.
type Trim struct {
	Dir          string          // of the project
	Was          *modfile.File   // the go.mod that brought what goes
	Requirements []string        // paths that the generator brought, and requires no more
	Sums         map[string]bool // lines of go.sum, likewise
	Known        map[string]bool // modules that some component needs
	Imports      []string        // what the project will import of the modules that it requires
	Own          []string        // of that, what is not from the generator's modules
	Replaces     bool            // the owner has replaced modules
}

// Apply returns the go.mod and go.sum to write for the merged ones, or, where the go
// command cannot know what is needed, these with a sentence that says so. A nil sum
// is a project without one. It runs go mod tidy on modules of its own. network says
// that what the module cache lacks may be fetched.
func (t *Trim) Apply(ctx context.Context, mod, sum []byte, network bool) (newMod, newSum []byte, note string) {
	goMod, err := modfile.Parse("go.mod", textmerge.ToLF(mod), nil)
	if err != nil {
		return mod, sum, ""
	}
	// A version that the owner has raised is the owner's.
	leftover := slices.DeleteFunc(slices.Clone(t.Requirements), func(path string) bool {
		return VersionOf(t.Was, path) != VersionOf(goMod, path)
	})
	sums := Lines(sum)
	n, err := t.needs(ctx, goMod, sum, leftover, network)
	if err != nil {
		left := slices.ContainsFunc(goMod.Require,
			func(r *modfile.Require) bool { return slices.Contains(leftover, r.Mod.Path) })
		for line := range t.Sums {
			left = left || sums[line]
		}
		if left && ctx.Err() == nil {
			note = "go.mod and go.sum keep the modules that the generator no longer requires, since sessionseed " +
				"could not find out which of them your code needs; go mod tidy drops what nothing needs"
		}
		return mod, sum, note
	}
	var keep []*modfile.Require
	for _, r := range goMod.Require {
		need, needed := n.requirements[r.Mod.Path]
		if !needed && slices.Contains(leftover, r.Mod.Path) {
			continue
		}
		if needed && slices.Contains(leftover, r.Mod.Path) {
			r.Mod.Version, r.Indirect = need.Mod.Version, need.Indirect
		}
		if needed && n.whole && semver.Compare(need.Mod.Version, r.Mod.Version) > 0 {
			r.Mod.Version = need.Mod.Version
		}
		keep = append(keep, &modfile.Require{Mod: r.Mod, Indirect: r.Indirect})
		delete(n.requirements, r.Mod.Path)
	}
	for line := range t.Sums {
		if !n.sums[line] {
			delete(sums, line)
		}
	}
	if n.whole {
		// Sums that an earlier run added for the components before, and that no
		// generated go.sum had. Those of modules that no component has to do with are
		// the owner's, needed or not.
		maps.DeleteFunc(sums,
			func(line string, _ bool) bool { return t.Known[ModuleOfSum(line)] && !n.sums[line] })
		for _, path := range slices.Sorted(maps.Keys(n.requirements)) {
			keep = append(keep, n.requirements[path])
		}
		maps.Copy(sums, n.sums)
	}
	goMod.SetRequireSeparateIndirect(keep)
	goMod.Cleanup()
	newMod, newSum = mod, sum
	if data, err := goMod.Format(); err == nil {
		newMod = textmerge.WithEndingsOf(mod, data)
	}
	if sum != nil {
		newSum = textmerge.WithEndingsOf(sum, SortSums(sums))
	}
	return newMod, newSum, ""
}

// needs is what the go command says that imports need.
type needs struct {
	requirements map[string]*modfile.Require // by module path
	sums         map[string]bool
	whole        bool // of all imports of the project, not of the owner's alone
}

// needs asks the go command which requirements and sums the project needs, given
// the merged go.mod and go.sum: it tidies a module of its own, in a temporary
// directory, that imports what the project will import. Where the module cache lacks
// something, most likely of the new options, the network is used if it may be, or if
// the owner has replaced modules: the recorded sums say nothing of these, and
// without its own the project would not compile. Else it asks for the owner's imports
// alone, whose modules were here already. The error means that the go command fails
// or is missing.
//
// It asks twice: what nobody needs must be gone before the versions of the rest
// are right, since it may have raised them.
func (t *Trim) needs(ctx context.Context, goMod *modfile.File, goSum []byte, left []string,
	network bool) (*needs, error) {
	data, err := goMod.Format()
	if err != nil {
		return nil, err
	}
	type question struct {
		imports []string
		network bool
	}
	questions := []question{{t.Imports, false}, {t.Own, false}}
	if network || t.Replaces {
		questions = slices.Insert(questions, 1, question{t.Imports, true})
	}
	var problems []error
	for i, q := range questions {
		n, err := t.runTidy(ctx, data, goSum, q.imports, q.network)
		if err == nil {
			n, err = t.runTidy(ctx, withoutUnneeded(data, left, n), goSum, q.imports, q.network)
		}
		if err == nil {
			n.whole = i < len(questions)-1
			return n, nil
		}
		problems = append(problems, err)
	}
	return nil, errors.Join(problems...)
}

// withoutUnneeded is a go.mod without those of some modules that are not needed.
func withoutUnneeded(goMod []byte, modules []string, n *needs) []byte {
	f, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return goMod
	}
	for _, m := range modules {
		if n.requirements[m] == nil {
			_ = f.DropRequire(m) // a module that is not required is not an error
		}
	}
	f.Cleanup()
	data, err := f.Format()
	if err != nil {
		return goMod
	}
	return data
}

// runTidy is one such question.
func (t *Trim) runTidy(ctx context.Context, goMod, goSum []byte, imports []string, network bool) (*needs, error) {
	command, err := exec.LookPath("go")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sessionseed-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)

	data, err := absoluteReplaces(goMod, t.Dir)
	if err != nil {
		return nil, err
	}
	var source bytes.Buffer
	source.WriteString("package needs\n")
	for _, p := range imports {
		fmt.Fprintf(&source, "\nimport _ %q\n", p)
	}
	for name, data := range map[string][]byte{"go.mod": data, "go.sum": goSum, "needs.go": source.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return nil, err
		}
	}
	tidy := exec.CommandContext(ctx, command, "mod", "tidy")
	tidy.Dir = dir
	tidy.Env = append(os.Environ(), "PWD="+dir, "GOFLAGS=-mod=mod", "GOWORK=off", "GOTOOLCHAIN=local")
	if !network {
		tidy.Env = append(tidy.Env, "GOPROXY=off", "GOSUMDB=off")
	}
	if out, err := tidy.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go mod tidy: %w: %s", err, out)
	}
	if data, err = os.ReadFile(filepath.Join(dir, "go.mod")); err != nil {
		return nil, err
	}
	f, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return nil, err
	}
	n := &needs{requirements: map[string]*modfile.Require{}}
	for _, r := range f.Require {
		n.requirements[r.Mod.Path] = r
	}
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	n.sums = Lines(sums)
	return n, nil
}

// absoluteReplaces makes replacements by directories independent of where the
// go.mod lies.
func absoluteReplaces(goMod []byte, dir string) ([]byte, error) {
	f, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Clone(f.Replace) {
		if strings.HasPrefix(r.New.Path, "./") || strings.HasPrefix(r.New.Path, "../") {
			if err := f.AddReplace(r.Old.Path, r.Old.Version, filepath.Join(dir, filepath.FromSlash(r.New.Path)),
				""); err != nil {
				return nil, err
			}
		}
	}
	return f.Format()
}
