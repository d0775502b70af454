package gomod

import (
	"cmp"
	"fmt"
	"go/version"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// GoMod merges three go.mod files by requirement. The result is ours with these
// changes: the module path follows theirs if the owner left it alone, the go line is
// raised to theirs, a requirement that theirs adds or raises is added or raised, and
// one that theirs dropped goes. A version that the owner chose is never lowered,
// and comments, replace, exclude, retract, tool and toolchain lines are the
// owner's.
//
// If the owner requires modules of their own, nothing is dropped: any of them
// may need what the generator no longer does, and only go mod tidy knows.
// A file that does not parse is an error.
func GoMod(base, ours, theirs []byte) ([]byte, error) {
	files := make([]*modfile.File, 3)
	for i, src := range [][]byte{base, ours, theirs} {
		f, err := modfile.Parse("go.mod", src, nil)
		if err != nil {
			whose := [...]string{"the last generated one", "yours", "the new one"}[i]
			return nil, fmt.Errorf("cannot be merged: %s, %s", whose,
				strings.ReplaceAll(err.Error(), "go.mod:", "line "))
		}
		files[i] = f
	}
	b, o, t := files[0], files[1], files[2]

	if path := modulePath(t); modulePath(o) == modulePath(b) && path != "" && path != modulePath(o) {
		if err := o.AddModuleStmt(path); err != nil {
			return nil, fmt.Errorf("cannot be merged: %w", err)
		}
	}
	if said := goVersion(t); said != goVersion(b) && version.Compare("go"+said, "go"+goVersion(o)) > 0 {
		if err := o.AddGoStmt(said); err != nil {
			return nil, fmt.Errorf("cannot be merged: %w", err)
		}
	}
	o.SetRequireSeparateIndirect(mergeRequire(b, o, t))
	o.Cleanup()
	out, err := o.Format()
	if err != nil {
		return nil, fmt.Errorf("cannot be merged: %w", err)
	}
	return textmerge.WithEnding(out, textmerge.Ending(textmerge.Split(ours))), nil
}

func modulePath(f *modfile.File) string {
	if f.Module == nil {
		return ""
	}
	return f.Module.Mod.Path
}

func goVersion(f *modfile.File) string {
	if f.Go == nil {
		return ""
	}
	return f.Go.Version
}

// requirement is one require line.
type requirement struct {
	version  string
	indirect bool
}

func requirements(f *modfile.File) map[string]requirement {
	out := map[string]requirement{}
	for _, r := range f.Require {
		if old, twice := out[r.Mod.Path]; !twice || semver.Compare(old.version, r.Mod.Version) < 0 {
			out[r.Mod.Path] = requirement{r.Mod.Version, r.Indirect}
		}
	}
	return out
}

func mergeRequire(base, ours, theirs *modfile.File) []*modfile.Require {
	b, o, t := requirements(base), requirements(ours), requirements(theirs)
	own := false
	for path := range o {
		_, generated := b[path]
		_, wanted := t[path]
		own = own || !generated && !wanted
	}
	merged := map[string]requirement{}
	for path, r := range o {
		was, generated := b[path]
		now, wanted := t[path]
		switch {
		case wanted && generated && r == was:
			merged[path] = now
			if own && semver.Compare(r.version, now.version) > 0 {
				merged[path] = requirement{r.version, now.indirect}
			}
		case wanted:
			merged[path] = requirement{
				version:  higher(r.version, now.version),
				indirect: r.indirect && now.indirect,
			}
		case !generated || own || r.version != was.version:
			merged[path] = r
		}
	}
	for path, now := range t {
		_, here := o[path]
		was, generated := b[path]
		// What the owner removed stays removed unless it changed since.
		if !here && (!generated || was.version != now.version) {
			merged[path] = now
		}
	}
	var out []*modfile.Require
	for _, path := range slices.Sorted(maps.Keys(merged)) {
		r := merged[path]
		out = append(out, &modfile.Require{Mod: module.Version{Path: path, Version: r.version}, Indirect: r.indirect})
	}
	return out
}

func higher(a, b string) string {
	if semver.Compare(a, b) < 0 {
		return b
	}
	return a
}

// GoSum merges three go.sum files. It is ours if theirs changed nothing, theirs
// if the owner added nothing, and everything of ours and theirs together
// otherwise: a sum too many is harmless. Unless it is ours, the result is sorted as
// the go command sorts it.
func GoSum(base, ours, theirs []byte) []byte {
	in := func(text []byte) map[string]bool {
		set := map[string]bool{}
		for _, l := range textmerge.Split(text) {
			if l.Text != "" {
				set[l.Text] = true
			}
		}
		return set
	}
	b, o, union := in(base), in(ours), in(theirs)
	if maps.Equal(b, union) {
		// What is missing was dropped on purpose: go mod tidy does, where another
		// module asks for a newer version.
		return ours
	}
	own := false
	for l := range o {
		own = own || !b[l] && !union[l]
	}
	if own {
		maps.Copy(union, o)
	}
	lines := slices.SortedFunc(maps.Keys(union), compareSums)
	eol := textmerge.Ending(textmerge.Split(ours))
	var out []byte
	for _, l := range lines {
		out = append(append(out, l...), eol...)
	}
	return out
}

// compareSums orders by module, then version, the module's own sum before that
// of its go.mod, as module.Sort does.
func compareSums(a, b string) int {
	pathA, restA, _ := strings.Cut(a, " ")
	pathB, restB, _ := strings.Cut(b, " ")
	versionA, fileA, _ := strings.Cut(firstField(restA), "/")
	versionB, fileB, _ := strings.Cut(firstField(restB), "/")
	return cmp.Or(cmp.Compare(pathA, pathB), semver.Compare(versionA, versionB), cmp.Compare(fileA, fileB),
		cmp.Compare(a, b))
}

func firstField(s string) string {
	field, _, _ := strings.Cut(s, " ")
	return field
}
