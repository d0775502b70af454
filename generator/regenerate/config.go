package regenerate

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/dotenv"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// config decides on sessionseed.yaml. The owner's file gets the changed values
// spliced in; comments that the generator wrote about other values follow where
// that meets no edit.
func (u *updater) config(v changeset.Versions) {
	if v.Disk != nil {
		u.cs.Notes = append(u.cs.Notes, options.RetiredOptions(v.Disk.Data)...)
	}
	if v.Disk == nil || v.Base == nil || changeset.SameText(v.Disk, v.Base) || changeset.SameText(v.Disk, v.Next) {
		u.add(changeset.Decide(v, u.o), v)
		return
	}
	f := changeset.FileChange{Path: v.Path, Class: v.Class, Before: v.Disk, After: v.Disk}
	plain := options.WithoutRetired(textmerge.ToLF(v.Disk.Data))
	spliced, err := options.EditYAML(plain, u.changedInYAML(plain))
	if err != nil {
		f.Refuse("cannot be changed: "+err.Error(),
			"change the values in the file by hand, then run sessionseed regenerate")
		u.add(f, v)
		return
	}
	after := spliced
	merged := textmerge.Merge(options.WithoutRetired(v.Base.Data), spliced, v.Next.Data,
		textmerge.Options{Resolve: textmerge.Ours})
	if u.saysTheSame(merged.Data) {
		after = merged.Data
	} else if !u.saysTheSame(after) {
		f.Refuse("cannot be changed to the new values without losing its form",
			"change the values in the file by hand, then run sessionseed regenerate")
		u.add(f, v)
		return
	}
	f.After = &tree.Blob{Mode: v.Disk.Mode, Data: textmerge.WithEndingsOf(v.Disk.Data, after)}
	switch {
	case bytes.Equal(f.After.Data, v.Disk.Data):
		f.Action = changeset.Keep
		f.After = v.Disk
	default:
		f.Action = changeset.Merge
	}
	u.add(f, v)
}

// changedInYAML lists the options whose value in the file is not the wanted
// one. A value that is only written in another way stays as it is written.
func (u *updater) changedInYAML(file []byte) map[string][]string {
	values, _ := options.DecodeYAML(file)
	wanted := u.next.Options
	canonical := u.present
	if p, err := render.NewPlan(u.present); err == nil {
		canonical = p.Options
	}
	changes := map[string][]string{}
	for _, d := range options.Table() {
		_, there := values[d.Name]
		if !slices.Equal(d.Get(&canonical), d.Get(&wanted)) &&
			(there || !slices.Equal(d.Get(&u.present), d.Get(&wanted))) {
			changes[d.Name] = d.Get(&wanted)
		}
	}
	return changes
}

// saysTheSame reports whether a sessionseed.yaml over the wanted options gives
// these again.
func (u *updater) saysTheSame(file []byte) bool {
	values, err := options.DecodeYAML(file)
	if err != nil {
		return false
	}
	o := u.next.Options.Clone()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		d, ok := options.Lookup(name)
		if !ok || d.Set(&o, values[name]...) != nil {
			return false
		}
	}
	p, err := render.NewPlan(o)
	return err == nil && len(options.ChangedOptions(p.Options, u.next.Options)) == 0
}

// env decides on .env, of which nothing is ever touched. A variable that is
// new since the last generation is added at the end, and so is a signing key
// where there is none.
func (u *updater) env(v changeset.Versions) {
	if v.Disk == nil || v.Next == nil {
		return
	}
	f := changeset.FileChange{Path: v.Path, Class: v.Class, Action: changeset.Keep, Before: v.Disk, After: v.Disk}
	have, fresh := dotenv.Names(v.Disk.Data), dotenv.Names(v.Next.Data)
	before := map[string]string{}
	if tree := u.lastTree(); tree != nil {
		if last, ok := tree.File(v.Path); ok {
			before = dotenv.Names(last.Data)
		}
	}
	var added []string
	var text strings.Builder
	for _, name := range dotenv.Order(v.Next.Data) {
		_, there := have[name]
		_, known := before[name]
		if there || strings.Contains(fresh[name], "\n#"+name) || strings.HasPrefix(fresh[name], "#"+name) || known &&
			name != dotenv.SessionKeys {
			continue
		}
		added = append(added, name)
		fmt.Fprintf(&text, "\n%s\n", fresh[name])
	}
	if len(added) == 0 {
		return
	}
	data := slices.Clone(v.Disk.Data)
	if len(data) > 0 && data[len(data)-1] != '\n' {
		data = append(data, '\n')
	}
	f.Action, f.Note = changeset.Merge, "adds "+strings.Join(added, ", ")
	f.After = &tree.Blob{Mode: v.Disk.Mode,
		Data: append(data, textmerge.WithEndingsOf(v.Disk.Data, []byte(text.String()))...)}
	u.cs.Files = append(u.cs.Files, f)
}
