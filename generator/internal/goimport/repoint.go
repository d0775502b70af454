package goimport

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// Following is ours with the paths that theirs gave to imports of a name where
// ours had given the import another name: the path is theirs to choose, and the
// name ours. Without it ours would go on with the package that theirs left.
func (im imports) Following(base, theirs imports) imports {
	for _, k := range base.specs {
		next := slices.IndexFunc(theirs.specs,
			func(t importKey) bool { return t.name == k.name && !slices.Contains(base.specs, t) })
		if k.name == "" || k.name == "_" || next < 0 || slices.Contains(theirs.specs, k) ||
			slices.Contains(im.specs, k) {
			continue
		}
		at := slices.IndexFunc(im.specs, func(o importKey) bool { return o.path == k.path && o.name != "_" })
		if at >= 0 {
			im = im.repointed(at, theirs.specs[next].path)
		}
	}
	return im
}

// repointed gives one import another path. An import without a name gets the name
// that the package had, which the file goes on using, where the path suggests another.
func (im imports) repointed(at int, path string) imports {
	old := im.specs[at]
	key := importKey{old.name, path}
	if key.name == "" && key.names()[0] != old.names()[0] {
		key.name = old.names()[0]
	}
	lines, n := textmerge.Split(im.Block), im.lineOf[old]
	if quote := strings.IndexAny(lines[n].Text, "\"`"); key.name != old.name && quote >= 0 {
		lines[n].Text = lines[n].Text[:quote] + key.name + " " + lines[n].Text[quote:]
	}
	lines[n].Text = strings.Replace(lines[n].Text, old.path, path, 1)

	im.Block = textmerge.Join(lines)
	im.specs = slices.Clone(im.specs)
	im.specs[at] = key
	im.lineOf = maps.Clone(im.lineOf)
	delete(im.lineOf, old)
	im.lineOf[key] = n
	return im
}

// rename says that a side gave the packages below one path another one: a module
// that moved or has a new major version.
type rename struct{ from, to string }

// Renames returns what a side renamed, as far as its imports show: a pair that
// several imports agree on, or that is short enough to be a module's path, with
// nothing left below the old path.
func Renames(base, side imports) []rename {
	votes := map[rename]int{}
	for _, old := range base.specs {
		if slices.Contains(side.specs, old) {
			continue
		}
		for _, now := range side.specs {
			if now.name == old.name && !slices.Contains(base.specs, now) {
				if r, ok := commonEnd(old, now); ok {
					votes[r]++
				}
			}
		}
	}
	var out []rename
	for r, n := range votes {
		left := slices.ContainsFunc(side.specs,
			func(k importKey) bool { return below(k.path, r.from) && !below(k.path, r.to) })
		if (n > 1 || strings.Count(r.from, "/") <= 2) && !left {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b rename) int {
		return cmp.Or(cmp.Compare(len(b.from), len(a.from)), cmp.Compare(a.from+a.to, b.from+b.to))
	})
	return out
}

// commonEnd cuts the elements that two paths have in common off their ends.
func commonEnd(old, now importKey) (rename, bool) {
	a, b := strings.Split(old.path, "/"), strings.Split(now.path, "/")
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	r := rename{strings.Join(a[:len(a)-n], "/"), strings.Join(b[:len(b)-n], "/")}
	named := old.name != "" && old.name != "_" && old.name != "."
	return r, r.from != "" && r.to != "" && strings.Contains(r.from, "/") && (n > 0 || named || below(r.to, r.from))
}

func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}

// RenamedBy is a side whose own imports follow the renames of the other.
func (im imports) RenamedBy(other []rename, base imports) imports {
	for at, k := range im.specs {
		if slices.Contains(base.specs, k) {
			continue
		}
		for _, r := range other {
			if next := r.to + strings.TrimPrefix(k.path, r.from); below(k.path, r.from) && !below(k.path, r.to) {
				if !slices.ContainsFunc(im.specs, func(o importKey) bool { return o.path == next }) {
					im = im.repointed(at, next)
				}
				break
			}
		}
	}
	return im
}
