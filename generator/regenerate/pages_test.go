package regenerate_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/ast/astutil"
)

// pages are the files of a project by path.
type pages map[string]string

func (p pages) clone() pages { return maps.Clone(p) }

// put writes a file, Go as gofmt leaves it.
func (p pages) put(name, text string) {
	if path.Ext(name) == ".go" {
		text = gofmt(text)
	}
	p[name] = text
}

// gofmt formats a text once: the same edit is made in many projects.
var gofmt = remembered(func(text string) string {
	formatted, err := format.Source([]byte(text))
	if err != nil {
		panic(fmt.Sprintf("%v\n%s", err, text))
	}
	return string(formatted)
})

// remembered is f, called once for each text.
func remembered(f func(text string) string) func(text string) string {
	var known sync.Map
	return func(text string) string {
		if result, ok := known.Load(text); ok {
			return result.(string)
		}
		result := f(text)
		known.Store(text, result)
		return result
	}
}

// lines are the lines of a text, blanks around them cut off, that ok accepts.
func lines(text string, ok func(line string) bool) []string {
	var list []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); ok(line) {
			list = append(list, line)
		}
	}
	return list
}

// between are the lines between a line and the next one that is end.
func between(text, start, end string) []string {
	var list []string
	inside := false
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case line == start:
			inside = true
		case inside && line == end:
			return list
		case inside && line != "":
			list = append(list, line)
		}
	}
	return list
}

// at edits a file at the first line that is anchor, whatever the blanks in it.
func at(name, anchor string, edit func(line string) string) func(pages) bool {
	return func(p pages) bool {
		list := strings.SplitAfter(p[name], "\n")
		for i, line := range list {
			if strings.Join(strings.Fields(line), " ") == strings.Join(strings.Fields(anchor), " ") {
				list[i] = edit(line)
				p.put(name, strings.Join(list, ""))
				return true
			}
		}
		return false
	}
}

func before(name, anchor, own string) func(pages) bool {
	return at(name, anchor, func(line string) string { return own + line })
}

func behind(name, anchor, own string) func(pages) bool {
	return at(name, anchor, func(line string) string { return line + own })
}

func instead(name, anchor, own string) func(pages) bool {
	return at(name, anchor, func(string) string { return own })
}

func atStart(name, own string) func(pages) bool {
	return func(p pages) bool {
		text, ok := p[name]
		p.put(name, own+text)
		return ok
	}
}

func atEnd(name, own string) func(pages) bool {
	return func(p pages) bool {
		text, ok := p[name]
		p.put(name, text+own)
		return ok
	}
}

func replaced(name, old, own string) func(pages) bool {
	return func(p pages) bool {
		text := p[name]
		p.put(name, strings.Replace(text, old, own, 1))
		return strings.Contains(text, old)
	}
}

// rewrite replaces a regular expression everywhere in a file.
func rewrite(name, pattern, own string) func(pages) bool {
	re := regexp.MustCompile(`(?m)` + pattern)
	return func(p pages) bool {
		text := p[name]
		p.put(name, re.ReplaceAllString(text, own))
		return re.MatchString(text)
	}
}

// ownFile adds a file; {module} in it is the module path.
func ownFile(name, text string) func(pages) bool {
	return func(p pages) bool {
		_, taken := p[name]
		p.put(name, strings.ReplaceAll(text, "{module}", modfile.ModulePath([]byte(p["go.mod"]))))
		return !taken
	}
}

// ownImport imports a package, which is the owner's own if it is one of the
// project's module.
func ownImport(name, path string) func(pages) bool {
	return func(p pages) bool {
		module := modfile.ModulePath([]byte(p["go.mod"]))
		own := strings.Replace(path, "{module}", module, 1)
		if rest, ok := strings.CutPrefix(path, "{module}/"); ok {
			at := regexp.MustCompile(`(?m)^\t(\w+ )?"` + module + `/.*\n`).FindStringIndex(p[name])
			if at == nil {
				return false
			}
			p.put(rest+"/acme.go", "package acme\n")
			p.put(name, p[name][:at[1]]+"\t_ \""+own+"\" // acme\n"+p[name][at[1]:])
			return true
		}
		return replaced(name, "import (\n", "import (\n\t_ \""+own+"\" // acme\n")(p)
	}
}

// rename gives the identifiers of a file another name, declaration by
// declaration. Fields and methods keep theirs, but for a field that is an
// embedded type's.
func (p pages) rename(name string, names func(ast.Decl) (old, own string)) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", p[name], parser.ParseComments)
	if err != nil {
		panic(err)
	}
	keeps := map[*ast.Ident]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			keeps[n.Sel] = true
		case *ast.StructType:
			for _, field := range n.Fields.List {
				for _, id := range field.Names {
					keeps[id] = true
				}
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					key, isIdent := kv.Key.(*ast.Ident)
					value, _ := kv.Value.(*ast.Ident)
					if isIdent && (value == nil || value.Name != "a") { // codes{app: a}
						keeps[key] = true
					}
				}
			}
		}
		return true
	})
	text, shift := p[name], 0
	for _, d := range f.Decls {
		old, own := names(d)
		ast.Inspect(d, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Name == old && !keeps[id] {
				at := fset.Position(id.Pos()).Offset + shift
				text = text[:at] + own + text[at+len(old):]
				shift += len(own) - len(old)
			}
			return true
		})
	}
	p.put(name, text)
}

// moved takes a function to another file, with its comment.
func moved(from, to, name string) func(pages) bool {
	return func(p pages) bool {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "", p[from], parser.ParseComments)
		if err != nil {
			return false
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Name.Name != name {
				continue
			}
			start, end := fset.Position(fn.Pos()).Offset, fset.Position(fn.End()).Offset
			if fn.Doc != nil {
				start = fset.Position(fn.Doc.Pos()).Offset
			}
			text := p[from]
			var block bytes.Buffer
			for _, spec := range f.Imports {
				start, end := fset.Position(spec.Pos()).Offset, fset.Position(spec.End()).Offset
				fmt.Fprintf(&block, "import %s\n", text[start:end])
			}
			p.put(to, usedImports("package "+f.Name.Name+"\n\n"+block.String()+
				"\n// acme: moved here.\n\n"+text[start:end]+"\n"))
			p.put(from, usedImports(text[:start]+strings.TrimLeft(text[end:], "\n")))
			return true
		}
		return false
	}
}

// usedImports drops the lines of imports that nothing uses.
func usedImports(text string) string {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, 0)
	if err != nil {
		panic(err)
	}
	list := strings.SplitAfter(text, "\n")
	for _, spec := range f.Imports {
		if !astutil.UsesImport(f, strings.Trim(spec.Path.Value, `"`)) {
			list[fset.Position(spec.Pos()).Line-1] = ""
		}
	}
	return strings.Join(list, "")
}
