package generator

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/merge"
)

// config decides on sessionseed.yaml. The owner's file gets the changed values
// spliced in; comments that the generator wrote about other values follow where
// that meets no edit.
func (u *updater) config(v versions) {
	if v.disk != nil {
		u.cs.Notes = append(u.cs.Notes, RetiredOptions(v.disk.data)...)
	}
	if v.disk == nil || v.base == nil || sameText(v.disk, v.base) || sameText(v.disk, v.next) {
		u.add(decide(v, u.o), v)
		return
	}
	f := FileChange{Path: v.path, Class: v.class, before: v.disk, after: v.disk}
	plain := withoutRetired(merge.ToLF(v.disk.data))
	spliced, err := EditYAML(plain, u.changedInYAML(plain))
	if err != nil {
		f.refuse(err.Error(), "change the values in the file by hand, then run sessionseed regenerate")
		u.add(f, v)
		return
	}
	after := spliced
	merged := merge.Merge(withoutRetired(v.base.data), spliced, v.next.data, merge.Options{Resolve: merge.Ours})
	if u.saysTheSame(merged.Data) {
		after = merged.Data
	} else if !u.saysTheSame(after) {
		f.refuse("cannot be changed to the new values without losing its form", "change the values in the file by hand, then run sessionseed regenerate")
		u.add(f, v)
		return
	}
	f.after = &diskFile{v.disk.mode, merge.WithEndingsOf(v.disk.data, after)}
	switch {
	case bytes.Equal(f.after.data, v.disk.data):
		f.Action = Keep
		f.after = v.disk
	default:
		f.Action = Merge
	}
	u.add(f, v)
}

// changedInYAML lists the options whose value in the file is not the wanted
// one. A value that is only written in another way stays as it is written.
func (u *updater) changedInYAML(file []byte) map[string][]string {
	values, _ := DecodeYAML(file)
	wanted := u.next.Options
	canonical := u.present
	if p, err := NewPlan(u.present); err == nil {
		canonical = p.Options
	}
	changes := map[string][]string{}
	for _, d := range table {
		_, there := values[d.Name]
		if !slices.Equal(d.get(&canonical), d.get(&wanted)) && (there || !slices.Equal(d.get(&u.present), d.get(&wanted))) {
			changes[d.Name] = d.get(&wanted)
		}
	}
	return changes
}

// saysTheSame reports whether a sessionseed.yaml over the options before the
// run gives the wanted options.
func (u *updater) saysTheSame(file []byte) bool {
	values, err := DecodeYAML(file)
	if err != nil {
		return false
	}
	o := u.next.Options.clone()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		d, ok := Lookup(name)
		if !ok || d.Set(&o, values[name]...) != nil {
			return false
		}
	}
	p, err := NewPlan(o)
	return err == nil && len(changedOptions(p.Options, u.next.Options)) == 0
}

// env decides on .env, of which nothing is ever touched. A variable that is
// new since the last generation is added at the end, and so is a signing key
// where there is none.
func (u *updater) env(v versions) {
	if v.disk == nil || v.next == nil {
		return
	}
	f := FileChange{Path: v.path, Class: v.class, Action: Keep, before: v.disk, after: v.disk}
	have, fresh := envNames(v.disk.data), envNames(v.next.data)
	before := map[string]string{}
	if tree := u.lastTree(); tree != nil {
		if last, ok := tree.File(v.path); ok {
			before = envNames(last.Data)
		}
	}
	var added []string
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fresh)) {
		_, there := have[name]
		_, known := before[name]
		if there || strings.Contains(fresh[name], "\n#"+name) || strings.HasPrefix(fresh[name], "#"+name) || known && name != sessionKeys {
			continue
		}
		added = append(added, name)
		fmt.Fprintf(&text, "\n%s\n", fresh[name])
	}
	if len(added) == 0 {
		return
	}
	data := slices.Clone(v.disk.data)
	if len(data) > 0 && data[len(data)-1] != '\n' {
		data = append(data, '\n')
	}
	f.Action, f.Note = Merge, "adds "+strings.Join(added, ", ")
	f.after = &diskFile{v.disk.mode, append(data, merge.WithEndingsOf(v.disk.data, []byte(text.String()))...)}
	u.cs.Files = append(u.cs.Files, f)
}

// sessionKeys is the variable that holds the signing keys.
const sessionKeys = "SESSION_KEYS"

// envNames returns the variables of a .env by name, each with its line and the
// comment right above it. A line that is commented out counts.
func envNames(data []byte) map[string]string {
	names := map[string]string{}
	comment := ""
	for l := range strings.Lines(strings.TrimPrefix(string(merge.ToLF(data)), byteOrderMark)) {
		l = strings.TrimRight(l, "\n")
		name, _, ok := strings.Cut(strings.TrimPrefix(strings.TrimLeft(l, "# \t"), "export "), "=")
		switch {
		case ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "":
			names[name] = comment + l
			comment = ""
		case strings.HasPrefix(l, "#"):
			comment += l + "\n"
		default:
			comment = ""
		}
	}
	return names
}
