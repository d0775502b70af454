package render

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/tools/txtar"

	"github.com/sessionseed/sessionseed/generator/internal/gomod"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// modules makes go.mod and go.sum as the union of what `go generate
// ./templates` recorded for each chosen component. The union is what `go mod
// tidy` would write, since all versions come from one build list; a project
// without dependencies has no go.sum, as tidy leaves none.
func (g *Generator) modules(p *Plan) ([]tree.File, error) {
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
		if !p.Has[c.name] || hasAccounts(&p.Options) && c.name == "store_"+p.Options.Store {
			continue // what was recorded for the accounts in a store has that store's modules
		}
		mod, err := modfile.Parse(c.name+"/go.mod", recorded[c.name+"/go.mod"], nil)
		if err != nil {
			return nil, err
		}
		for _, r := range mod.Require {
			old, seen := union[r.Mod.Path]
			if seen && old.version != r.Mod.Version {
				return nil, fmt.Errorf("components disagree on %s: %s and %s; run go generate ./templates", r.Mod.Path,
					old.version, r.Mod.Version)
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
		require = append(require, &modfile.Require{Mod: module.Version{Path: path, Version: r.version},
			Indirect: !r.direct})
	}
	slices.SortFunc(require, func(a, b *modfile.Require) int { return cmp.Compare(a.Mod.Path, b.Mod.Path) })
	f.SetRequireSeparateIndirect(require)
	f.Cleanup()
	data, err := f.Format()
	if err != nil {
		return nil, err
	}
	files := []tree.File{{Path: "go.mod", Mode: 0o644, Class: tree.Modules, Data: data}}
	if len(sums) > 0 {
		files = append(files, tree.File{Path: "go.sum", Mode: 0o644, Class: tree.Modules, Data: gomod.SortSums(sums)})
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

// KnownModules are the modules of which any component's go.sum speaks.
func (g *Generator) KnownModules() map[string]bool {
	recorded, _ := g.recordedModules() // the tree was rendered from it
	known := map[string]bool{}
	for name, data := range recorded {
		if path.Base(name) != "go.sum" {
			continue
		}
		for line := range gomod.Lines(data) {
			known[gomod.ModuleOfSum(line)] = true
		}
	}
	return known
}
