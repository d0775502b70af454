package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// text is Go source as far as its meaning and comments go: no layout, no order
// or grouping of imports.
type text struct {
	imports []string // sorted
	tokens  []string
}

func (t text) equal(o text) bool {
	return slices.Equal(t.imports, o.imports) && slices.Equal(t.tokens, o.tokens)
}

// read takes source apart; source that does not parse has no imports apart.
func read(src []byte) text {
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	fset := token.NewFileSet()
	var t text
	from, to := -1, -1
	if f, err := parser.ParseFile(fset, "", src, parser.ImportsOnly); err == nil {
		for _, d := range f.Decls {
			if from < 0 {
				from = fset.Position(d.Pos()).Offset
			}
			to = fset.Position(d.End()).Offset
		}
		for _, s := range f.Imports {
			name := ""
			if s.Name != nil {
				name = s.Name.Name
			}
			t.imports = append(t.imports, name+" "+s.Path.Value)
		}
		slices.Sort(t.imports)
	}
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, src, func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return t
		}
		if at := file.Offset(pos); from <= at && at < to || tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		word := tok.String()
		if tok.IsLiteral() || tok == token.COMMENT {
			word = strings.Join(strings.Fields(lit), " ")
		}
		if n := len(t.tokens); n > 0 && t.tokens[n-1] == "," && (tok == token.RPAREN || tok == token.RBRACE) {
			t.tokens = t.tokens[:n-1]
		}
		t.tokens = append(t.tokens, word)
	}
}

// The causes of a solved conflict that people settled in another way.
const (
	elsewhere   = "as the people where git conflicts, who changed other places too"
	importsOnly = "the import block alone"
	orderOnly   = "the same text in another order"
	commentOnly = "comments alone"
	peopleWrote = "the people wrote what neither side has"
	tookOurs    = "the people dropped all that theirs changed"
	tookTheirs  = "the people dropped all that ours changed"
	peopleLost  = "the people dropped a part"
	weKept      = "the people kept a part that we dropped"
)

var causes = []string{
	elsewhere,
	importsOnly,
	orderOnly,
	commentOnly,
	peopleWrote,
	tookOurs,
	tookTheirs,
	peopleLost,
	weKept,
	other,
}

const other = "other"

// cause sorts a difference between our result and the people's.
func cause(v versions, git, got []byte) string {
	people, ours, theirs := v.result, v.ours, v.theirs
	g, p, o, t := read(got), read(people), read(ours), read(theirs)
	linesGot, linesPeople := lineSet(got), lineSet(people)
	switch {
	case slices.Equal(g.tokens, p.tokens):
		return importsOnly
	case onlyElsewhere(git, got, people):
		return elsewhere
	case slices.Equal(sorted(g.tokens), sorted(p.tokens)):
		return orderOnly
	case slices.Equal(withoutComments(g.tokens), withoutComments(p.tokens)):
		return commentOnly
	case p.equal(o):
		return tookOurs
	case p.equal(t):
		return tookTheirs
	}
	known := lineSet(v.base, ours, theirs, got)
	for l := range linesPeople {
		if !known[l] {
			return peopleWrote
		}
	}
	more, less := false, false
	for l := range linesGot {
		more = more || !linesPeople[l]
	}
	for l := range linesPeople {
		less = less || !linesGot[l]
	}
	switch {
	case more && !less:
		return peopleLost
	case less && !more:
		return weKept
	}
	return other
}

func withoutComments(tokens []string) []string {
	return slices.DeleteFunc(slices.Clone(tokens), func(t string) bool {
		return strings.HasPrefix(t, "//") || strings.HasPrefix(t, "/*")
	})
}

func sorted(words []string) []string {
	out := slices.Clone(words)
	slices.Sort(out)
	return out
}

// lineSet is the lines of texts without blanks.
func lineSet(texts ...[]byte) map[string]bool {
	set := map[string]bool{}
	for _, t := range texts {
		for l := range strings.Lines(string(t)) {
			if l = strings.Join(strings.Fields(l), ""); l != "" {
				set[l] = true
			}
		}
	}
	return set
}

func parses(src []byte) bool {
	_, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	return err == nil
}

func generated(src []byte) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.PackageClauseOnly|parser.ParseComments)
	return err == nil && ast.IsGenerated(f)
}

// onlyElsewhere reports whether our result and the people's differ only in lines
// that git merges without a conflict.
func onlyElsewhere(git, got, people []byte) bool {
	var settled []string // git's lines outside of conflicts
	inside := false
	for _, l := range lines(git) {
		switch {
		case strings.HasPrefix(l, "<<<<<<< "):
			inside = true
		case strings.HasPrefix(l, ">>>>>>> "):
			inside = false
			settled = append(settled, "\x00conflict")
		case !inside:
			settled = append(settled, l)
		}
	}
	ours := lines(got)
	isSettled := make([]bool, len(ours))
	for _, p := range align(settled, ours) {
		isSettled[p[1]] = true
	}
	theirs := lines(people)
	same := align(ours, theirs)
	at := [2]int{}
	for _, p := range append(same, [2]int{len(ours), len(theirs)}) {
		for i := at[0]; i < p[0]; i++ {
			if !isSettled[i] {
				return false
			}
		}
		beside := at[0] > 0 && !isSettled[at[0]-1] || p[0] < len(ours) && !isSettled[p[0]]
		if at[0] == p[0] && p[1] > at[1] && beside { // people added to a conflict's place
			return false
		}
		at = [2]int{p[0] + 1, p[1] + 1}
	}
	return true
}

// lines is the lines of Go source, each run of blanks made one, without empty ones.
func lines(src []byte) []string {
	var out []string
	for l := range strings.Lines(string(src)) {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// align returns the pairs of equal lines that a unified diff leaves alone.
func align(a, b []string) [][2]int {
	text := func(s []string) []byte { return []byte(strings.Join(s, "\n") + "\n") }
	var pairs [][2]int
	i, j := 0, 0
	until := func(n int) {
		for ; i < n; i, j = i+1, j+1 {
			pairs = append(pairs, [2]int{i, j})
		}
	}
	inHunk := false
	for l := range strings.Lines(string(textmerge.Unified("a", "b", text(a), text(b)))) {
		var from, size int
		switch {
		case strings.HasPrefix(l, "@@ "):
			if n, _ := fmt.Sscanf(l, "@@ -%d,%d", &from, &size); n < 2 {
				size = 1
			}
			if size > 0 {
				from--
			}
			until(from)
			inHunk = true
		case !inHunk:
		case l[0] == '-':
			i++
		case l[0] == '+':
			j++
		case l[0] == ' ':
			until(i + 1)
		}
	}
	until(len(a))
	return pairs
}
