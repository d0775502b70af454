package generator

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/tools/txtar"
)

// modules makes go.mod and go.sum as the union of what `go generate
// ./templates` recorded for each chosen component. The union is what `go mod
// tidy` would write, since all versions come from one build list; a project
// without dependencies has no go.sum, as tidy leaves none.
func (g *Generator) modules(p *Plan) ([]File, error) {
	recorded, err := g.recordedModules()
	if err != nil {
		return nil, err
	}
	type requirement struct {
		version string
		direct  bool
	}
	union, sums := map[string]requirement{}, map[string]bool{}
	for _, c := range components {
		if !p.Has[c.name] {
			continue
		}
		mod, err := modfile.Parse(c.name+"/go.mod", recorded[c.name+"/go.mod"], nil)
		if err != nil {
			return nil, err
		}
		for _, r := range mod.Require {
			old, seen := union[r.Mod.Path]
			if seen && old.version != r.Mod.Version {
				return nil, fmt.Errorf("components disagree on %s: %s and %s; run go generate ./templates", r.Mod.Path, old.version, r.Mod.Version)
			}
			union[r.Mod.Path] = requirement{r.Mod.Version, old.direct || !r.Indirect}
		}
		for line := range strings.Lines(string(recorded[c.name+"/go.sum"])) {
			sums[line] = true
		}
	}

	f := &modfile.File{Syntax: &modfile.FileSyntax{}}
	if err := f.AddModuleStmt(p.Options.Module); err != nil {
		return nil, err
	}
	if err := f.AddGoStmt(GoVersion); err != nil {
		return nil, err
	}
	var require []*modfile.Require
	for path, r := range union {
		require = append(require, &modfile.Require{Mod: module.Version{Path: path, Version: r.version}, Indirect: !r.direct})
	}
	slices.SortFunc(require, func(a, b *modfile.Require) int { return cmp.Compare(a.Mod.Path, b.Mod.Path) })
	f.SetRequireSeparateIndirect(require)
	f.Cleanup()
	data, err := f.Format()
	if err != nil {
		return nil, err
	}
	files := []File{{"go.mod", 0o644, Modules, data}}
	if len(sums) > 0 {
		files = append(files, File{"go.sum", 0o644, Modules, sortSums(sums)})
	}
	return files, nil
}

// recordedModules is what was recorded, as component/go.mod and component/go.sum.
func (g *Generator) recordedModules() (map[string][]byte, error) {
	archive, err := fs.ReadFile(g.Templates, "modules.txtar")
	if err != nil {
		return nil, err
	}
	recorded := map[string][]byte{}
	for _, f := range txtar.Parse(archive).Files {
		recorded[f.Name] = f.Data
	}
	return recorded, nil
}

// knownModules are the modules of which any component's go.sum speaks.
func (g *Generator) knownModules() map[string]bool {
	recorded, _ := g.recordedModules() // the tree was rendered from it
	known := map[string]bool{}
	for name, data := range recorded {
		if path.Base(name) != "go.sum" {
			continue
		}
		for line := range sumLines(data) {
			known[moduleOfSum(line)] = true
		}
	}
	return known
}

// moduleOfSum is the module path in a line of a go.sum.
func moduleOfSum(line string) string {
	name, _, _ := strings.Cut(line, " ")
	return name
}

// sortSums orders go.sum as the go command does: by path, then version.
func sortSums(sums map[string]bool) []byte {
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
