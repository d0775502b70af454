//go:build long

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// All packages and tests type-check for the systems that the gate does not run on, from their source: to vet them would
// compile their dependencies first, drivers of databases among them, which takes minutes.
func TestOtherSystems(t *testing.T) {
	for _, system := range []string{"windows", "darwin"} {
		t.Run(system, func(t *testing.T) {
			found, err := packages.Load(&packages.Config{
				Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
					packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesSizes,
				Tests:      true,
				ParseFile:  withoutOthersBodies,
				BuildFlags: []string{"-tags=long"},
				Env:        append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
			}, "./...")
			if err != nil {
				t.Fatal(err)
			}
			files := 0
			for _, p := range found {
				files += len(p.GoFiles)
				for _, problem := range p.Errors {
					t.Error(problem)
				}
			}
			if files < 500 {
				t.Errorf("%d files were checked, want at least 500", files)
			}
			t.Logf("%d files of %d packages", files, len(found))
		})
	}
}

// withoutOthersBodies parses a file, and forgets what functions of other modules do, which is most of the memory.
func withoutOthersBodies(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
	f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	here, _ := os.Getwd()
	if err == nil && !strings.HasPrefix(name, here) && strings.HasSuffix(name, ".go") { // main of a test is in a file "-d"
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				d.Body = nil
			}
		}
	}
	return f, err
}
