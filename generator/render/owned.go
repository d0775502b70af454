package render

import (
	"io/fs"
	"slices"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Owned is a tree of every file that the generator makes for some options, without
// the contents: what a project's state may name. Its packages are in internal; see
// [tree.Tree.Under].
func (g *Generator) Owned() *tree.Tree {
	every := map[tree.Kind][]options.Options{} // between them they choose every component
	stores, _ := options.Lookup("store")
	for _, store := range stores.Values {
		o := options.Defaults()
		o.Store, o.Tests, o.CSRFToken, o.KoaKeys, o.MaxSessions = store, "all", true, true, 1
		o.Captcha.Enabled, o.Captcha.PoW = true, true
		o.ClearSiteData, o.Demo, o.Docker, o.CI = true, true, true, true
		stored := []options.Options{o}
		if store == "sqlite" || store == "postgres" {
			o.Accounts, o.MagicLink = "table", true
			stored = append(stored, o)
		}
		for _, o := range stored {
			every[tree.OfNew] = append(every[tree.OfNew], o)
			o.Into, o.Docker, o.CI = "internal", false, false
			every[tree.OfAdd] = append(every[tree.OfAdd], o)
		}
	}
	chosen := func(in func(*options.Options) bool) (only tree.Kind, some bool) {
		some = true
		switch asNew, asAdded := among(every[tree.OfNew], in), among(every[tree.OfAdd], in); {
		case !asNew && !asAdded:
			some = false
		case !asAdded:
			only = tree.OfNew
		case !asNew:
			only = tree.OfAdd
		}
		return only, some
	}
	files := []tree.File{{Path: "sessionseed.yaml", Mode: 0o644, Class: tree.Config}}
	for _, name := range []string{"go.mod", "go.sum"} {
		files = append(files, tree.File{Path: name, Mode: 0o644, Class: tree.Modules})
	}
	for _, c := range components {
		only, _ := chosen(c.on)
		for _, t := range c.texts {
			files = append(files, tree.File{Path: t.path, Mode: fs.FileMode(t.mode), Class: t.class, Only: only})
		}
	}
	// A template that cannot be walked makes no project either, which rendering reports.
	all, _ := g.memo.claims(g.Templates)
	for _, c := range all {
		if only, some := chosen(c.in); some {
			files = append(files, tree.File{Path: c.path, Mode: 0o644, Class: tree.Scaffolded, Only: only})
		}
	}
	return tree.New(files)
}

func among(list []options.Options, in func(*options.Options) bool) bool {
	return slices.ContainsFunc(list, func(o options.Options) bool { return in(&o) })
}
