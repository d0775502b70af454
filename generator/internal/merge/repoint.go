package merge

import (
	"maps"
	"slices"
	"strings"
)

// following is ours with the paths that theirs gave to imports of a name where
// ours had given the import another name: the path is theirs to choose, and the
// name ours. Without it ours would go on with the package that theirs left.
func (im imports) following(base, theirs imports) imports {
	for _, k := range base.specs {
		next := slices.IndexFunc(theirs.specs, func(t importKey) bool { return t.name == k.name && !slices.Contains(base.specs, t) })
		if k.name == "" || k.name == "_" || next < 0 || slices.Contains(theirs.specs, k) || slices.Contains(im.specs, k) {
			continue
		}
		at := slices.IndexFunc(im.specs, func(o importKey) bool { return o.path == k.path && o.name != "_" })
		if at >= 0 {
			im = im.repointed(at, theirs.specs[next].path)
		}
	}
	return im
}

// repointed gives one import another path. An import without a name gets the
// name that the package had, which the file goes on using.
func (im imports) repointed(at int, path string) imports {
	old := im.specs[at]
	key := importKey{old.name, path}
	if key.name == "" && key.names()[0] != old.names()[0] {
		key.name = old.names()[0]
	}
	lines, n := split(im.block), im.lineOf[old]
	if quote := strings.IndexAny(lines[n].text, "\"`"); key.name != old.name && quote >= 0 {
		lines[n].text = lines[n].text[:quote] + key.name + " " + lines[n].text[quote:]
	}
	lines[n].text = strings.Replace(lines[n].text, old.path, path, 1)

	im.block = join(lines)
	im.specs = slices.Clone(im.specs)
	im.specs[at] = key
	im.lineOf = maps.Clone(im.lineOf)
	delete(im.lineOf, old)
	im.lineOf[key] = n
	return im
}

// taken reports whether an import that theirs brings has a name under which ours
// imports a package of the owner's, where both had the same one: that name is the
// owner's, and a file has it once.
func taken(k importKey, base, ours imports) bool {
	named := func(o importKey) bool { return slices.Contains(o.names(), k.name) }
	return k.name != "" && slices.ContainsFunc(base.specs, named) && !slices.Contains(base.specs, k) &&
		!slices.Contains(ours.specs, k) &&
		slices.ContainsFunc(ours.specs, func(o importKey) bool { return named(o) && !slices.Contains(base.specs, o) })
}
