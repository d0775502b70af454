package goimport

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// Wanted merges the three sets: what one side added is there, what one side
// removed is not.
func Wanted(base, ours, theirs imports) []importKey {
	var want []importKey
	for _, k := range slices.Concat(ours.without(Renames(base, ours), base, theirs),
		theirs.without(Renames(base, theirs), base, ours)) {
		if slices.Contains(want, k) {
			continue
		}
		inBase := slices.Contains(base.specs, k)
		inOurs, inTheirs := slices.Contains(ours.specs, k), slices.Contains(theirs.specs, k)
		if inOurs && inTheirs || !inBase && !taken(k, base, ours) {
			want = append(want, k)
		}
	}
	return want
}

// without is a side without the imports that it only renamed and that the other
// side no longer has.
func (im imports) without(own []rename, base, other imports) []importKey {
	return slices.DeleteFunc(slices.Clone(im.specs), func(k importKey) bool {
		return !slices.Contains(base.specs, k) && !slices.Contains(other.specs, k) &&
			slices.ContainsFunc(own, func(r rename) bool {
				old := importKey{k.name, r.from + strings.TrimPrefix(k.path, r.to)}
				return below(k.path, r.to) && slices.Contains(base.specs, old) && !slices.Contains(other.specs, old)
			})
	})
}

// taken reports whether an import that theirs brings has a name under which ours
// imports a package of the owner's, where base had an import of that name, too: it is
// the owner's, and a file has it once.
func taken(k importKey, base, ours imports) bool {
	named := func(o importKey) bool { return slices.Contains(o.names(), k.name) }
	return k.name != "" && k.name != "_" && k.name != "." && slices.ContainsFunc(base.specs, named) &&
		!slices.Contains(base.specs, k) &&
		!slices.Contains(ours.specs, k) &&
		slices.ContainsFunc(ours.specs, func(o importKey) bool { return named(o) && !slices.Contains(base.specs, o) })
}

// SettleByUse corrects a merged set by what the merged text uses: an import
// that one side removed stays if the other side has a use left, and an import
// goes whose last uses were removed by both sides together.
func SettleByUse(want []importKey, head, tail []byte, base, ours, theirs imports) []importKey {
	used, ok := selectors(append(slices.Clip(head), tail...))
	if !ok {
		return want
	}
	provided := map[string]bool{}
	for _, k := range want {
		for _, n := range k.names() {
			provided[n] = true
		}
	}
	for _, k := range slices.Concat(ours.specs, theirs.specs, base.specs) {
		if !slices.Contains(want, k) && k.usedIn(used) &&
			!slices.ContainsFunc(k.names(), func(n string) bool { return provided[n] }) {
			want = append(want, k)
			for _, n := range k.names() {
				provided[n] = true
			}
		}
	}
	// Both added one path, one of them with its name.
	want = slices.DeleteFunc(slices.Clone(want), func(k importKey) bool {
		return k.name == "" && slices.ContainsFunc(want, func(o importKey) bool {
			return o.path == k.path && o.name != "" && slices.Contains(k.names(), o.name)
		})
	})
	usedOurs, _ := selectors(append(slices.Clip(ours.Head), ours.Tail...))
	usedTheirs, _ := selectors(append(slices.Clip(theirs.Head), theirs.Tail...))
	return slices.DeleteFunc(want, func(k importKey) bool {
		// One that its own side does not use by a name of its path has another name.
		return !k.usedIn(used) && (k.usedIn(usedOurs) && slices.Contains(ours.specs, k) ||
			k.usedIn(usedTheirs) && slices.Contains(theirs.specs, k))
	})
}

// selectors returns the names that are before a dot and are declared nowhere
// in the file, that is, the packages it uses.
func selectors(src []byte) (map[string]bool, bool) {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		return nil, false
	}
	unresolved := map[*ast.Ident]bool{}
	for _, id := range file.Unresolved {
		unresolved[id] = true
	}
	used := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && unresolved[id] {
				used[id.Name] = true
			}
		}
		return true
	})
	return used, true
}

func (k importKey) usedIn(used map[string]bool) bool {
	return slices.ContainsFunc(k.names(), func(n string) bool { return used[n] })
}
