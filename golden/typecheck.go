package golden

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/sessionseed/sessionseed/generator/tree"
)

// Checker type-checks emitted projects in this process, their tests included:
// everything a compiler would refuse but go:embed patterns and go.mod. Packages
// that several projects share word for word, dependencies included, are checked
// once. A Checker is used by one goroutine at a time; see [Checker.Fork].
type Checker struct {
	fset    *token.FileSet
	outside types.Importer // safe for concurrent use
	parsed  map[[32]byte]*ast.File
	sums    map[*byte][32]byte  // of file contents, by their first byte
	gofmt   map[[32]byte]string // what is wrong with a content, "" for nothing
	done    map[string]*checked

	module   string              // of the current tree
	packages map[string]*sources // import path -> files, of the current tree
}

type sources struct {
	code, tests, external []tree.File
}

type checked struct {
	pkg    *types.Package
	errors []string
}

// NewChecker makes a checker. The export data of the standard library and the
// drivers comes from this module, whose own packages need them too.
func NewChecker(t testing.TB) *Checker {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-test", "-json=ImportPath,Export",
		"github.com/sessionseed/sessionseed/templates/service/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list export data: %v", err)
	}
	export := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		export[p.ImportPath] = p.Export
	}
	c := &Checker{fset: token.NewFileSet(), parsed: map[[32]byte]*ast.File{}, gofmt: map[[32]byte]string{},
		done: map[string]*checked{}}
	outside := importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) {
		if export[path] == "" {
			return nil, fmt.Errorf("no package %q is needed by the living template", path)
		}
		return os.Open(export[path])
	})
	var mu sync.Mutex
	c.outside = importerFunc(func(path string) (*types.Package, error) {
		mu.Lock()
		defer mu.Unlock()
		return outside.Import(path)
	})
	return c
}

// Fork returns a checker that knows what c knows, for another goroutine. What
// it learns goes with it.
func (c *Checker) Fork() *Checker {
	fork := *c
	fork.parsed, fork.gofmt, fork.done = maps.Clone(c.parsed), maps.Clone(c.gofmt), maps.Clone(c.done)
	return &fork
}

// Check returns what is wrong with the Go files of tree.
func (c *Checker) Check(tree *tree.Tree) (problems []string) {
	goMod, _ := tree.File("go.mod")
	c.module = modfile.ModulePath(goMod.Data)
	c.packages, c.sums = map[string]*sources{}, map[*byte][32]byte{}
	for _, f := range tree.Files {
		if !strings.HasSuffix(f.Path, ".go") {
			continue
		}
		if wrong := c.format(f); wrong != "" {
			problems = append(problems, f.Path+": "+wrong)
			continue
		}
		importPath := path.Join(c.module, path.Dir(f.Path))
		s := c.packages[importPath]
		if s == nil {
			s = &sources{}
			c.packages[importPath] = s
		}
		syntax := c.parse(f)
		switch {
		case !forLinux(syntax):
		case !strings.HasSuffix(f.Path, "_test.go"):
			s.code = append(s.code, f)
		case strings.HasSuffix(syntax.Name.Name, "_test"):
			s.external = append(s.external, f)
		default:
			s.tests = append(s.tests, f)
		}
	}
	for _, importPath := range sortedKeys(c.packages) {
		s := c.packages[importPath]
		problems = append(problems, c.load(importPath, "", s.code).errors...)
		augmented := slices.Concat(s.code, s.tests)
		if len(s.tests) > 0 {
			problems = append(problems, c.load(importPath, importPath, augmented).errors...)
		}
		if len(s.external) > 0 {
			// The external test sees the package with its internal tests, and
			// so do the packages between them.
			problems = append(problems, c.load(importPath+"_test", importPath, s.external).errors...)
		}
	}
	return problems
}

// load type-checks files as importPath; under is the package that is being
// tested, which is seen with its internal test files.
func (c *Checker) load(importPath, under string, files []tree.File) *checked {
	key := c.key(importPath, under, files)
	if done := c.done[key]; done != nil {
		return done
	}
	result := &checked{}
	c.done[key] = result
	var syntax []*ast.File
	for _, f := range files {
		syntax = append(syntax, c.parse(f))
	}
	config := types.Config{
		Importer: importerFunc(func(path string) (*types.Package, error) {
			s := c.packages[path]
			if s == nil {
				if path == c.module || strings.HasPrefix(path, c.module+"/") {
					return nil, fmt.Errorf("the project has no package %q", path)
				}
				return c.outside.Import(path)
			}
			if path == under {
				return c.load(path, under, slices.Concat(s.code, s.tests)).pkg, nil
			}
			return c.load(path, under, s.code).pkg, nil
		}),
		Error: func(err error) { result.errors = append(result.errors, err.Error()) },
	}
	result.pkg, _ = config.Check(importPath, c.fset, syntax, nil) // errors were collected
	return result
}

// key names a package by its content and that of every project package below it.
func (c *Checker) key(importPath, under string, files []tree.File) string {
	h, seen := sha256.New(), map[string]bool{}
	var add func(string, []tree.File)
	add = func(importPath string, files []tree.File) {
		fmt.Fprintln(h, importPath)
		below := map[string]bool{}
		for _, f := range files {
			fmt.Fprintf(h, "%s %x\n", f.Path, c.sum(f))
			for _, spec := range c.parse(f).Imports {
				below[strings.Trim(spec.Path.Value, `"`)] = true
			}
		}
		for _, p := range sortedKeys(below) {
			s := c.packages[p]
			if s == nil || seen[p] {
				continue
			}
			seen[p] = true
			if p == under {
				add(p, slices.Concat(s.code, s.tests))
			} else {
				add(p, s.code)
			}
		}
	}
	add(importPath, files)
	return fmt.Sprintf("%s %x", importPath, h.Sum(nil))
}

func (c *Checker) parse(f tree.File) *ast.File {
	sum := c.sum(f)
	if c.parsed[sum] == nil {
		// Broken files were reported by gofmt already; the parser returns what it could read.
		c.parsed[sum], _ = parser.ParseFile(c.fset, f.Path, f.Data, parser.ParseComments|parser.SkipObjectResolution)
	}
	return c.parsed[sum]
}

// format says how a file differs from what gofmt leaves; equal files of
// several projects are looked at once.
func (c *Checker) format(f tree.File) string {
	sum := c.sum(f)
	wrong, known := c.gofmt[sum]
	if !known {
		if formatted, err := format.Source(f.Data); err != nil {
			wrong = err.Error()
		} else if !bytes.Equal(formatted, f.Data) {
			wrong = "not as gofmt leaves it"
		}
		c.gofmt[sum] = wrong
	}
	return wrong
}

// sum names a file by path and content.
func (c *Checker) sum(f tree.File) [32]byte {
	at := &f.Data[0] // a Go file is never empty
	sum, known := c.sums[at]
	if !known {
		h := sha256.New()
		fmt.Fprintln(h, f.Path)
		h.Write(f.Data)
		h.Sum(sum[:0])
		c.sums[at] = sum
	}
	return sum
}

// forLinux evaluates a file's build constraint for the platform of the export data.
func forLinux(f *ast.File) bool {
	for _, group := range f.Comments {
		if group.Pos() > f.Package {
			break
		}
		for _, line := range group.List {
			if expr, err := constraint.Parse(line.Text); err == nil {
				return expr.Eval(func(tag string) bool {
					return tag == "linux" || tag == "unix" || tag == "amd64" || strings.HasPrefix(tag, "go1.")
				})
			}
		}
	}
	return true
}

type importerFunc func(string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
