package regenerate

import (
	"bytes"
	"slices"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// maxWhy bounds how many options are tried one by one.
const maxWhy = 6

// explain fills in which option changes which file: each changed option alone is
// applied to the last options, and the files that differ are its own.
func (u *updater) explain() {
	if len(u.cs.Options) == 0 && u.cs.From == u.cs.To {
		return
	}
	why := map[string][]string{}
	var all []string
	for _, c := range u.cs.Options {
		all = append(all, c.Name)
	}
	before := u.lastTree()
	alone, together := u.lastOptions.Clone(), []string(nil)
	if before != nil && len(all) > 1 && len(all) <= maxWhy {
		for _, name := range all {
			d, _ := options.Lookup(name)
			one := u.lastOptions.Clone()
			if d.Set(&one, d.Get(&u.next.Options)...) != nil {
				continue
			}
			plan, err := render.NewPlan(one)
			if err != nil {
				together = append(together, name) // with others
				continue
			}
			_ = d.Set(&alone, d.Get(&u.next.Options)...) // which it was just set to
			if tree, err := u.g.RenderPlan(plan, render.Secrets{}); err == nil {
				for _, p := range before.Differing(tree) {
					why[p] = append(why[p], name)
				}
			}
		}
	}
	if len(together) > 0 {
		rest := before.Differing(u.tree)
		if plan, err := render.NewPlan(alone); err == nil {
			if tree, err := u.g.RenderPlan(plan, render.Secrets{}); err == nil {
				rest = tree.Differing(u.tree)
			}
		}
		for _, p := range rest {
			why[p] = append(why[p], together...)
		}
	}
	generator := map[string]bool{}
	if before != nil {
		for _, f := range before.Files {
			if base, ok := u.st.Base[f.Path]; f.Class != tree.Secret && (!ok || !bytes.Equal(base, f.Data)) {
				generator[f.Path] = true
			}
		}
	}
	changed := map[string]bool{}
	if before != nil {
		for _, p := range before.Differing(u.tree) {
			changed[p] = true
		}
	}
	for i := range u.cs.Files {
		f := &u.cs.Files[i]
		if f.Why != nil || f.Before.Equal(f.After) && f.Action != changeset.Conflict && f.Action != changeset.Refuse {
			continue
		}
		name := f.Path
		if f.RenamedFrom != "" {
			name = f.RenamedFrom
		}
		f.Why = slices.Sorted(slices.Values(why[name]))
		if f.Why == nil && changed[name] {
			f.Why = slices.Sorted(slices.Values(all))
		}
		if generator[name] {
			f.Why = append(f.Why, "generator")
		}
	}
}
