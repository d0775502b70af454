package goedit

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strings"
)

// word is what may name a region: one lower-case word.
var word = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// markerText finds anything that was meant as a marker, well formed or not.
var markerText = regexp.MustCompile(`sessionseed:[a-z]`)

// marker is one marker line, taken apart.
type marker struct {
	line int    // from 1
	verb string // "if" or "end"
	arg  string
}

// Prune removes the marker lines of a file, and with them the regions whose
// word is off in on. The path decides how a marker is written:
//
//	//sessionseed:if captcha           .go .js .mjs
//	# sessionseed:if captcha           .yaml .yml .env Dockerfile .gitignore and the rest
//	<!-- sessionseed:if captcha -->    .html .md .svg
//	/* sessionseed:if captcha */       .css
//
// and the region ends at the same form of sessionseed:end. A region holds whole
// lines, has one word, and neither nests nor has an else. Every problem is
// reported at once, as path:line: a word that on does not know, a region that
// is not closed or not open, a nested one, a marker that shares its line, an
// unknown verb, and, in Go, a marker that gofmt takes for part of a
// declaration's doc comment and would move.
//
// The result of a Go file is not formatted; call Format after the last edit.
func Prune(name string, src []byte, on map[string]bool) ([]byte, error) {
	if !markerText.Match(src) {
		return bytes.Clone(src), nil
	}
	var problems []error
	report := func(line int, format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s:%d: %s", name, line, fmt.Sprintf(format, args...)))
	}
	if path.Ext(name) == ".go" {
		for _, line := range markersInDocs(name, src) {
			report(line, "marker is in a declaration's doc comment, where gofmt moves it; put a blank line "+
				"between them or move the declaration to a file of its own")
		}
	}

	var out bytes.Buffer
	var open *marker
	line := 0
	for text := range bytes.Lines(src) {
		line++
		m, isMarker, err := parseMarker(name, string(text))
		switch {
		case err != nil:
			report(line, "%v", err)
		case !isMarker:
			if open == nil || on[open.arg] {
				out.Write(text)
			}
		case m.verb == "if":
			if _, known := on[m.arg]; !known {
				report(line, "unknown region word %q", m.arg)
			}
			if open != nil {
				report(line, "region %q stands inside the region %q of line %d; close that one first", m.arg, open.arg,
					open.line)
			}
			m.line = line
			open = &m
		case open == nil:
			report(line, "sessionseed:end without a region to close")
		default:
			open = nil
		}
	}
	if open != nil {
		report(open.line, "region %q is not closed; add sessionseed:end", open.arg)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// parseMarker reads one line. The error is for a line that mentions a marker
// and is none.
func parseMarker(name, text string) (m marker, is bool, err error) {
	if !markerText.MatchString(text) {
		return marker{}, false, nil
	}
	body, ok := unwrap(name, strings.TrimSpace(text))
	if !ok {
		return marker{}, false, fmt.Errorf("marker is not alone on its line, or not written as a comment of this "+
			"kind of file: %q", strings.TrimSpace(text))
	}
	fields := strings.Fields(body)
	switch {
	case len(fields) == 2 && fields[0] == "if" && word.MatchString(fields[1]):
		return marker{verb: "if", arg: fields[1]}, true, nil
	case len(fields) == 1 && fields[0] == "end":
		return marker{verb: "end"}, true, nil
	case fields[0] == "if":
		return marker{}, false, fmt.Errorf("region needs exactly one lower-case word, got %q",
			strings.Join(fields[1:], " "))
	default:
		return marker{}, false, fmt.Errorf("unknown marker %q; there are sessionseed:if WORD and sessionseed:end", body)
	}
}

// unwrap removes the comment signs around a marker.
func unwrap(name, text string) (body string, ok bool) {
	prefix, suffix := "# sessionseed:", ""
	switch path.Ext(name) {
	case ".go", ".js", ".mjs":
		prefix = "//sessionseed:"
	case ".css":
		prefix, suffix = "/* sessionseed:", " */"
	case ".html", ".md", ".svg":
		prefix, suffix = "<!-- sessionseed:", " -->"
	}
	if body, ok = strings.CutPrefix(text, prefix); !ok {
		return "", false
	}
	if body, ok = strings.CutSuffix(body, suffix); !ok || strings.Contains(body, "sessionseed:") {
		return "", false
	}
	return body, strings.TrimSpace(body) != ""
}

// markersInDocs returns the lines of markers that are part of a doc comment of
// the package or of a declaration. Source that does not parse has none: whoever
// formats it next reports the syntax error.
func markersInDocs(name string, src []byte) []int {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	docs := []*ast.CommentGroup{file.Doc}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			docs = append(docs, d.Doc)
		case *ast.GenDecl:
			docs = append(docs, d.Doc)
		}
	}
	var lines []int
	for _, doc := range docs {
		if doc == nil {
			continue
		}
		for _, c := range doc.List {
			if markerText.MatchString(c.Text) {
				lines = append(lines, fset.Position(c.Pos()).Line)
			}
		}
	}
	return lines
}
