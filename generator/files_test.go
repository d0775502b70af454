package generator_test

import (
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// The files of a package use each other one way, so that one can be read before
// another: no file uses what is declared in a file that uses it in turn, directly or
// through others. A method belongs to the file that it is written in.
func TestFilesUseEachOtherOneWay(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{
		// With NeedExportFile and without NeedDeps, only the packages themselves are read as source.
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes |
			packages.NeedTypesInfo | packages.NeedImports | packages.NeedExportFile,
		Dir: "..",
	}, "./generator/...")
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) < 20 {
		t.Fatalf("%d packages are loaded", len(pkgs))
	}
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			t.Fatal(p.Errors)
		}
		for _, circle := range circles(uses(p)) {
			t.Errorf("%s: %s use each other", strings.TrimPrefix(p.PkgPath, repo+"/"), strings.Join(circle, ", "))
		}
	}
}

// uses are the files of a package, each with the files whose declarations it uses.
func uses(p *packages.Package) map[string]map[string]bool {
	file := func(o types.Object) string { return filepath.Base(p.Fset.Position(o.Pos()).Filename) }
	edges := map[string]map[string]bool{}
	for id, o := range p.TypesInfo.Uses {
		if o.Pkg() != p.Types {
			continue
		}
		from := filepath.Base(p.Fset.Position(id.Pos()).Filename)
		if to := file(o); to != from {
			if edges[from] == nil {
				edges[from] = map[string]bool{}
			}
			edges[from][to] = true
		}
	}
	return edges
}

// circles are the sets of files that reach each other.
func circles(edges map[string]map[string]bool) (found [][]string) {
	reach := map[string]map[string]bool{}
	for from := range edges {
		reach[from] = map[string]bool{}
		next := []string{from}
		for len(next) > 0 {
			at := next[len(next)-1]
			next = next[:len(next)-1]
			for to := range edges[at] {
				if !reach[from][to] {
					reach[from][to] = true
					next = append(next, to)
				}
			}
		}
	}
	done := map[string]bool{}
	for _, from := range slices.Sorted(maps.Keys(reach)) {
		if done[from] || !reach[from][from] {
			continue
		}
		var circle []string
		for to := range reach[from] {
			if reach[to][from] {
				circle = append(circle, to)
				done[to] = true
			}
		}
		slices.Sort(circle)
		found = append(found, circle)
	}
	return found
}
