// Package gomod reads and merges what go.mod and go.sum require.
package gomod

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// ModulePath is the path in the module line of a go.mod, "" without one.
func ModulePath(goMod []byte) string { return modfile.ModulePath(goMod) }

// Dropped lists the modules that one go.mod requires and another
// does not, none if one of them does not parse.
func Dropped(from, to []byte) []string {
	was, err := modfile.ParseLax("go.mod", from, nil)
	if err != nil {
		return nil
	}
	now, err := modfile.ParseLax("go.mod", to, nil)
	if err != nil {
		return nil
	}
	var dropped []string
	for _, r := range was.Require {
		if !slices.ContainsFunc(now.Require, func(n *modfile.Require) bool { return n.Mod.Path == r.Mod.Path }) {
			dropped = append(dropped, r.Mod.Path)
		}
	}
	return dropped
}

// DroppedLines are the lines of one go.sum that another lacks.
func DroppedLines(from, to []byte) map[string]bool {
	lines := Lines(from)
	for l := range Lines(to) {
		delete(lines, l)
	}
	return lines
}

// Lines is the set of lines of a go.sum that are not empty.
func Lines(text []byte) map[string]bool {
	lines := map[string]bool{}
	for l := range strings.Lines(string(text)) {
		if l = strings.TrimSpace(l); l != "" {
			lines[l] = true
		}
	}
	return lines
}

// Within reports whether an import path lies in one of the modules.
func Within(modules []string, importPath string) bool {
	return slices.ContainsFunc(modules, func(m string) bool {
		return importPath == m ||
			strings.HasPrefix(importPath, m+"/")
	})
}

// Replaces reports whether a go.mod replaces a module by another.
func Replaces(goMod []byte) bool {
	f, err := modfile.Parse("go.mod", goMod, nil)
	return err == nil && len(f.Replace) > 0
}

// VersionOf is the version of a module that a go.mod requires, empty for none.
func VersionOf(f *modfile.File, path string) string {
	for _, r := range f.Require {
		if r.Mod.Path == path {
			return r.Mod.Version
		}
	}
	return ""
}

// ModuleOfSum is the module path in a line of a go.sum.
func ModuleOfSum(line string) string {
	name, _, _ := strings.Cut(line, " ")
	return name
}

// SortSums orders go.sum as the go command does: by path, then version.
func SortSums(sums map[string]bool) []byte {
	mods := make([]module.Version, 0, len(sums))
	hash := map[module.Version]string{}
	for line := range sums {
		if f := strings.Fields(line); len(f) == 3 {
			m := module.Version{Path: f[0], Version: f[1]}
			mods, hash[m] = append(mods, m), f[2]
		}
	}
	module.Sort(mods)
	var out bytes.Buffer
	for _, m := range mods {
		fmt.Fprintf(&out, "%s %s %s\n", m.Path, m.Version, hash[m])
	}
	return out.Bytes()
}
