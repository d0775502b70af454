package goedit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// splice is one replacement: src[from:to] becomes text.
type splice struct {
	from, to int
	text     string
}

// apply makes all splices at once. They must not overlap.
func apply(src []byte, edits []splice) []byte {
	slices.SortFunc(edits, func(a, b splice) int { return cmp.Compare(a.from, b.from) })
	out := make([]byte, 0, len(src)+64)
	at := 0
	for _, e := range edits {
		out = append(out, src[at:e.from]...)
		out = append(out, e.text...)
		at = e.to
	}
	return append(out, src[at:]...)
}

// SetConsts replaces the value of named top-level constants and variables. The
// keys of values are identifiers, the values Go source of one expression:
//
//	SetConsts(src, map[string]string{"MaxAge": "24 * time.Hour", "Rolling": "true"})
//
// Only the expression is replaced; name, type and comments stay byte for byte.
// A name that is not declared, is declared without a value of its own, or whose
// new value is not an expression is an error, and all of them are reported at once.
// The result is not formatted.
func SetConsts(src []byte, values map[string]string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("set constants: %w", err)
	}
	exprs := valuesOf(file)
	var problems []error
	var edits []splice
	for _, name := range slices.Sorted(maps.Keys(values)) {
		expr, ok := exprs[name]
		if !ok {
			problems = append(problems, fmt.Errorf("set constants: no constant or variable %q with a value of its own",
				name))
			continue
		}
		if _, err := parser.ParseExpr(values[name]); err != nil {
			problems = append(problems, fmt.Errorf("set constants: value of %q is not a Go expression: %w", name, err))
			continue
		}
		edits = append(edits, splice{
			from: fset.Position(expr.Pos()).Offset,
			to:   fset.Position(expr.End()).Offset,
			text: values[name],
		})
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return apply(src, edits), nil
}

// valuesOf returns the expressions of the top-level constants and variables that
// have one of their own, by name.
func valuesOf(file *ast.File) map[string]ast.Expr {
	exprs := map[string]ast.Expr{}
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST && gen.Tok != token.VAR {
			continue
		}
		for _, spec := range gen.Specs {
			vs := spec.(*ast.ValueSpec)
			for i, name := range vs.Names {
				if len(vs.Values) == len(vs.Names) {
					exprs[name.Name] = vs.Values[i]
				}
			}
		}
	}
	return exprs
}

// SameButValues reports whether two files differ in nothing but the values of
// top-level constants and variables, and in what gofmt makes of them.
func SameButValues(a, b []byte) bool {
	blank := func(src []byte) string {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
		if err != nil {
			return ""
		}
		var edits []splice
		for _, expr := range valuesOf(file) {
			edits = append(edits, splice{fset.Position(expr.Pos()).Offset, fset.Position(expr.End()).Offset, "0"})
		}
		out, err := format.Source(apply(src, edits))
		if err != nil {
			return ""
		}
		return string(out)
	}
	text := blank(a)
	return text != "" && text == blank(b)
}

// RewriteImports passes every import path of a file to rewrite and puts the
// answer in its place. Only the string literals change: names, comments and
// order stay, so format the result when paths changed their order. A file that
// rewrite leaves alone comes back byte for byte.
func RewriteImports(src []byte, rewrite func(path string) string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ImportsOnly|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("rewrite imports: %w", err)
	}
	var edits []splice
	for _, spec := range file.Imports {
		old, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("rewrite imports: %s: %w", spec.Path.Value, err)
		}
		if path := rewrite(old); path != old {
			edits = append(edits, splice{
				from: fset.Position(spec.Path.Pos()).Offset,
				to:   fset.Position(spec.Path.End()).Offset,
				text: strconv.Quote(path),
			})
		}
	}
	return apply(src, edits), nil
}

// Format is gofmt. Source that does not parse is an error with line and column.
func Format(src []byte) ([]byte, error) {
	out, err := format.Source(src)
	if err != nil {
		return nil, fmt.Errorf("format: %w", err)
	}
	return out, nil
}

// MoveImports is RewriteImports for a file of an owner's: imports that it moved out
// of their order are sorted and aligned again if the file was formatted, in its own
// line endings. A file that rewrite leaves alone comes back byte for byte.
func MoveImports(src []byte, rewrite func(path string) string) ([]byte, error) {
	data, err := RewriteImports(src, rewrite)
	if err != nil || ImportsInOrder(data) || bytes.Equal(data, src) {
		return data, err
	}
	plain := textmerge.ToLF(src)
	if formatted, err := Format(plain); err == nil && bytes.Equal(formatted, plain) {
		if again, err := Format(data); err == nil {
			data = textmerge.WithEndingsOf(src, again)
		}
	}
	return data, nil
}
