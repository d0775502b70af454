//go:build long

package regenerate_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/sessionseed/sessionseed/generator/render"
)

// owner edits a project at random and keeps account of it.
type owner struct {
	t       *testing.T
	g       *render.Generator
	r       *rand.Rand
	dir     string
	n       int             // edits so far
	words   map[string]bool // a word of each edit, which is in the project once
	deleted map[string]bool // files that must not come back
	renamed map[string]bool // files that bear a name of the owner's
}

// word is a new word for one edit.
func (o *owner) word() string {
	o.n++
	w := fmt.Sprintf("mine-%d-", o.n)
	o.words[w] = true
	return w
}

// forget drops the words of a text that its owner takes away.
func (o *owner) forget(text string) {
	for word := range o.words {
		if strings.Contains(text, word) {
			delete(o.words, word)
		}
	}
}

// edit makes one edit that leaves the project compiling and meaning the same.
func (o *owner) edit() {
	kinds := []func() bool{
		o.addLine, o.addLine, o.addLine, o.remark, o.remark, o.addStatement, o.addStatement, o.addFunction,
		o.addFile, o.addFile, o.addRoute, o.addField, o.changeProse, o.deleteLine, o.deleteLine,
		o.deleteFile, o.renameFile, o.turnLineEndings, o.dropFinalNewline, o.changeMode, o.require,
	}
	for !kinds[o.r.IntN(len(kinds))]() {
	}
}

// pick is the path of a random file that ok accepts, empty if there is none.
// Files that say DO NOT EDIT are left alone, and tests of what is printed.
func (o *owner) pick(ok func(name, text string) bool) (name, text string) {
	var names []string
	for name, text := range snapshot(o.t, o.dir) {
		if !strings.HasPrefix(name, ".sessionseed/") && !strings.Contains(text, "DO NOT EDIT") &&
			!strings.Contains(text, "// Output:") && ok(name, text) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", ""
	}
	slices.Sort(names)
	name = names[o.r.IntN(len(names))]
	return name, read(o.t, o.dir, name)
}

func isGo(name, _ string) bool { return path.Ext(name) == ".go" }

// put writes a file in the line ending that it has.
func (o *owner) put(name, text, did string) bool {
	if strings.Contains(text, "\r\n") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(filepath.Join(o.dir, name)); err == nil {
		mode = info.Mode()
	}
	write(o.t, o.dir, name, text)
	os.Chmod(filepath.Join(o.dir, name), mode)
	o.t.Logf("edit: %s %s", did, name)
	return true
}

// addLine puts a comment or a line of prose at a random place.
func (o *owner) addLine() bool {
	name, text := o.pick(func(name, _ string) bool { return comment(name, "a word") != "" })
	lines := strings.SplitAfter(text, "\n")
	at := o.r.IntN(len(lines))
	line := comment(name, "mine-line")
	edited := strings.Join(slices.Insert(lines, at, line+"\n"), "")
	if path.Ext(name) == ".go" && !isComment(edited, line) {
		return false
	}
	word := o.word()
	return o.put(name, strings.Replace(edited, "mine-line", word, 1), word+" at line "+fmt.Sprint(at+1)+" of")
}

// remark puts a comment behind a line of Go.
func (o *owner) remark() bool {
	name, text := o.pick(isGo)
	lines := strings.SplitAfter(text, "\n")
	at := o.r.IntN(len(lines))
	code := strings.TrimRight(lines[at], "\r\n")
	if strings.TrimSpace(code) == "" || strings.Contains(code, "//") {
		return false
	}
	lines[at] = code + " // mine-line" + lines[at][len(code):]
	edited := strings.Join(lines, "")
	if !isComment(edited, "// mine-line") {
		return false
	}
	word := o.word()
	return o.put(name, strings.Replace(edited, "mine-line", word, 1), word+" behind line "+fmt.Sprint(at+1)+" of")
}

// addStatement puts a statement before another.
func (o *owner) addStatement() bool {
	name, text := o.pick(isGo)
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, 0)
	if err != nil {
		o.t.Fatalf("%s: %v", name, err)
	}
	var places []int
	ast.Inspect(file, func(n ast.Node) bool {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		}
		for _, s := range list {
			switch s.(type) {
			case *ast.CaseClause, *ast.CommClause, *ast.LabeledStmt:
			default:
				places = append(places, fset.Position(s.Pos()).Offset)
			}
		}
		return true
	})
	if len(places) == 0 {
		return false
	}
	at := places[o.r.IntN(len(places))]
	start := strings.LastIndexByte(text[:at], '\n') + 1
	indent := text[start:at]
	if strings.TrimSpace(indent) != "" {
		return false
	}
	word := o.word()
	return o.put(name, text[:start]+indent+"_ = \""+word+"\"\n"+text[start:], word+" as a statement in")
}

// addFunction puts a function at the end of a file.
func (o *owner) addFunction() bool {
	name, text := o.pick(isGo)
	word := o.word()
	return o.put(name,
		strings.TrimRight(text, "\r\n")+fmt.Sprintf("\n\n// %s\nfunc mine%d(n int) int { return n + 1 }\n", word, o.n),
		word+" as a function in")
}

// addFile makes a package of the owner's that uses one of the project's.
func (o *owner) addFile() bool {
	module := modfile.ModulePath([]byte(read(o.t, o.dir, "go.mod")))
	word := o.word()
	name := fmt.Sprintf("mine/p%d/f.go", o.n)
	return o.put(name,
		fmt.Sprintf("package p%d\n\nimport \"%s/internal/config\"\n\n// %s\nvar _ = config.CookieName\n", o.n, module,
			word), word+" as a new file")
}

var routeLine = regexp.MustCompile(`(?m)^\tmux\.Handle\("[A-Z]+ /.*$`)

// addRoute puts a route beside those of the project.
func (o *owner) addRoute() bool {
	name, text := o.pick(func(name, text string) bool { return isGo(name, "") && routeLine.MatchString(text) })
	if name == "" {
		return false
	}
	routes := routeLine.FindAllStringIndex(text, -1)
	at := routes[o.r.IntN(len(routes))][1]
	word := o.word()
	return o.put(name, text[:at]+fmt.Sprintf("\n\tmux.Handle(\"GET /%s\", http.NotFoundHandler())", word)+text[at:],
		word+" as a route in")
}

var sessionFields = regexp.MustCompile(`(?s)type Session struct \{\r?\n(.*?)\n\}`)

// addField puts a field of the session beside the others, which realigns them.
func (o *owner) addField() bool {
	name, text := o.pick(func(name, text string) bool {
		return strings.HasPrefix(name, "internal/web/") && sessionFields.MatchString(text)
	})
	if name == "" {
		return false
	}
	at := sessionFields.FindStringSubmatchIndex(text)[2]
	word := o.word()
	field := fmt.Sprintf("\tMine%d%s  string `json:\"%s\"`\n", o.n, strings.Repeat("Long", o.r.IntN(5)), word)
	return o.put(name, text[:at]+field+text[at:], word+" as a session field in")
}

// changeProse rewrites a line of a text for people.
func (o *owner) changeProse() bool {
	name, text := o.pick(func(name, _ string) bool { return path.Ext(name) == ".md" })
	if name == "" {
		return false
	}
	lines := strings.SplitAfter(text, "\n")
	at := o.r.IntN(len(lines))
	if len(lines[at]) < 20 || strings.Contains(lines[at], "mine-") {
		return false
	}
	word := o.word()
	lines[at] = word + " " + lines[at][o.r.IntN(10):]
	return o.put(name, strings.Join(lines, ""), word+" instead of a line of")
}

// comment is a line with a word for a kind of file, empty for other kinds.
func comment(name, word string) string {
	switch base := path.Base(name); {
	case path.Ext(name) == ".go":
		return "// " + word
	case slices.Contains([]string{".env", ".env.example", ".gitignore", ".dockerignore", "sessionseed.yaml",
		"Dockerfile", "compose.yaml", "ci.yml"}, base):
		return "# " + word
	case path.Ext(name) == ".md":
		return word
	}
	return ""
}

// isComment reports whether a line of Go source is a comment, not a part of a
// string.
func isComment(src, line string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ParseComments)
	if err != nil {
		return false
	}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Text == line {
				return true
			}
		}
	}
	return false
}
