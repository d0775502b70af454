package compile

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// typeChecker checks the packages of the module from source, and takes those that
// they import from elsewhere out of the build cache. go/packages would have the go
// command compile the module's own packages as well, each test variant of them by
// itself, to import them from there: most of the time of a run.
type typeChecker struct {
	overlay map[string][]byte // by absolute path
	fset    *token.FileSet
	parsed  map[string]*parsed
	checked map[*packages.Package]*types.Package // nil while it is being checked
	exports map[string]string                    // import path -> file in the build cache
	others  map[string]*types.Package            // by import path
}

type parsed struct {
	file *ast.File // nil if nothing of it can be parsed
	err  error
}

// check adds what is wrong with the types of the module's packages to their errors.
func (c *checker) check(ctx context.Context, dir string, overlay map[string][]byte, roots []*packages.Package) error {
	t := &typeChecker{
		overlay: overlay, fset: token.NewFileSet(), parsed: map[string]*parsed{},
		checked: map[*packages.Package]*types.Package{},
		exports: map[string]string{}, others: map[string]*types.Package{"unsafe": types.Unsafe},
	}
	imported := map[string]*packages.Package{}
	packages.Visit(roots, nil, func(p *packages.Package) {
		for _, i := range p.Imports {
			if fromSource(p) && !fromSource(i) && len(i.Errors) == 0 && i.PkgPath != "unsafe" {
				imported[i.PkgPath] = i
			}
		}
	})
	if len(imported) > 0 {
		built, err := c.list(ctx, dir, overlay, packages.NeedName|packages.NeedExportFile, false,
			slices.Sorted(maps.Keys(imported))...)
		if err != nil {
			return err
		}
		for _, p := range built {
			t.exports[p.PkgPath] = p.ExportFile
			if i := imported[p.PkgPath]; i != nil {
				i.Errors = append(i.Errors, p.Errors...)
			}
		}
	}
	for _, p := range roots {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if fromSource(p) {
			t.pkg(p)
		}
	}
	return nil
}

// fromSource reports whether a package is checked from its source: one of the
// module, or of another that a workspace adds, and no generated main of a test.
func fromSource(p *packages.Package) bool {
	return p.Module != nil && p.Module.Main && !strings.HasSuffix(p.ID, ".test")
}

// pkg checks one package and, before it, those that it imports.
func (t *typeChecker) pkg(p *packages.Package) *types.Package {
	if done, ok := t.checked[p]; ok {
		return done
	}
	t.checked[p] = nil // an import cycle, which the go command reports, ends here
	listed := len(p.Errors)
	var files []*ast.File
	for _, name := range p.CompiledGoFiles {
		f := t.file(name)
		if f.err != nil {
			addParseErrors(p, f.err)
		}
		if f.file != nil {
			files = append(files, f.file)
		}
	}
	if len(p.Errors) > listed {
		return nil // what does not parse would have other faults in its wake
	}
	conf := types.Config{
		Importer: importer(func(path string) (*types.Package, error) { return t.imported(p, path) }),
		Sizes:    p.TypesSizes,
		Error: func(err error) {
			if e := (types.Error{}); errors.As(err, &e) && !strings.Contains(e.Msg, errReported.Error()) {
				p.Errors = append(p.Errors,
					packages.Error{Pos: t.fset.Position(e.Pos).String(), Msg: e.Msg, Kind: packages.TypeError})
			}
		},
	}
	if p.Module.GoVersion != "" {
		conf.GoVersion = "go" + p.Module.GoVersion
	}
	checked, _ := conf.Check(p.PkgPath, t.fset, files, nil) // every error went to Error
	t.checked[p] = checked
	return checked
}

// importer is a function as a types.Importer.
type importer func(path string) (*types.Package, error)

func (f importer) Import(path string) (*types.Package, error) { return f(path) }

// errReported is why something cannot be imported whose own faults are reported.
var errReported = errors.New("it is reported by itself")

// imported is what p imports by a path.
func (t *typeChecker) imported(p *packages.Package, path string) (*types.Package, error) {
	i, ok := p.Imports[path]
	switch {
	case path == "unsafe":
		return types.Unsafe, nil
	case !ok: // an import cycle
		return nil, errReported
	case fromSource(i) && len(i.CompiledGoFiles) > 0:
		if checked := t.pkg(i); checked != nil && checked.Name() != "" {
			return checked, nil
		}
		return nil, errReported
	}
	if len(i.Errors) > 0 {
		return nil, errors.New(plain(i.Errors[0]))
	}
	if other := t.others[i.PkgPath]; other != nil && other.Complete() {
		return other, nil
	}
	if t.exports[i.PkgPath] == "" {
		return nil, errors.New("the go command has nothing to import")
	}
	f, err := os.Open(t.exports[i.PkgPath])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	//lint:ignore SA1019 what the build cache holds is an archive, and go/packages reads it by this too
	r, err := gcexportdata.NewReader(f) //nolint:staticcheck // as above, for another reader of such comments
	if err != nil {
		return nil, err
	}
	return gcexportdata.Read(r, t.fset, t.others, i.PkgPath)
}

// file parses a file once for all packages that it is in.
func (t *typeChecker) file(name string) *parsed {
	if f, ok := t.parsed[name]; ok {
		return f
	}
	src, ok := t.overlay[name]
	var err error
	if !ok {
		src, err = os.ReadFile(name)
	}
	f := &parsed{err: err}
	if err == nil {
		f.file, f.err = parser.ParseFile(t.fset, name, src,
			parser.AllErrors|parser.ParseComments|parser.SkipObjectResolution)
	}
	t.parsed[name] = f
	return f
}

func addParseErrors(p *packages.Package, err error) {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		p.Errors = append(p.Errors, packages.Error{Pos: "-", Msg: err.Error(), Kind: packages.ParseError})
	}
	for _, e := range list {
		p.Errors = append(p.Errors, packages.Error{Pos: e.Pos.String(), Msg: e.Msg, Kind: packages.ParseError})
	}
}
