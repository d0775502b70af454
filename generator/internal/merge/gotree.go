package merge

import (
	"bytes"
	"go/ast"
	"go/scanner"
	"go/token"
	"regexp"
	"sort"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/goimport"
	"github.com/sessionseed/sessionseed/generator/internal/treemerge"
)

// goTree builds the tree of one Go file.
type goTree struct {
	src    []byte
	file   *token.File
	tokens []string
	starts []int // offsets of tokens
}

func (t *goTree) at(p token.Pos) int { return t.file.Offset(p) }

// scan reads the tokens. The semicolons that stand for line ends are none.
func (t *goTree) scan() {
	t.tokens, t.starts = goTokens(t.src)
}

func goTokens(src []byte) (tokens []string, starts []int) {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, src, func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return tokens, starts
		case tok == token.SEMICOLON && lit == "\n":
			continue
		case !tok.IsLiteral() && tok != token.COMMENT:
			lit = tok.String()
		case tok == token.COMMENT:
			lit = strings.TrimRight(lit, " \t")
		}
		tokens = append(tokens, lit)
		starts = append(starts, file.Offset(pos))
	}
}

// node makes a node of a range of the source.
func (t *goTree) node(kind string, from, to int) *treemerge.Node {
	lo, hi := sort.SearchInts(t.starts, from), sort.SearchInts(t.starts, to)
	tokens := t.tokens[lo:hi]
	if n := len(tokens); n > 1 && tokens[n-1] == "," {
		tokens = tokens[:n-1]
	}
	return &treemerge.Node{Text: t.src[from:to], Tokens: tokens, Kind: kind, Line: t.file.Line(t.file.Pos(from))}
}

// whole makes a node whose parts are the nodes given and the text between them.
func (t *goTree) whole(kind string, from, to int, inner ...*placed) *treemerge.Node {
	n := t.node(kind, from, to)
	if len(inner) == 0 {
		return n
	}
	at := from
	for _, p := range inner {
		n.Parts = append(n.Parts, t.node("text", at, p.from), p.Node)
		at = p.to
	}
	n.Parts = append(n.Parts, t.node("text", at, to))
	return n
}

// placed is a node with its range.
type placed struct {
	*treemerge.Node
	from, to int
}

// item is one thing of a list.
type item struct {
	node     ast.Node
	key      string
	pos, end token.Pos
}

func items[N ast.Node](nodes []N) []item {
	var out []item
	for _, n := range nodes {
		out = append(out, item{node: n, pos: n.Pos(), end: n.End()})
	}
	return out
}

func (t *goTree) list(kind string, from, to token.Pos, l *treemerge.List) *placed {
	p := &placed{t.node(kind, t.at(from), t.at(to)), t.at(from), t.at(to)}
	p.Node.List = l
	return p
}

var behind = regexp.MustCompile(`^[,;]?[ \t]*(//.*)?\n?$`)

// lines takes a list apart whose items have lines of their own. It is not ok if
// they do not.
func (t *goTree) lines(from, to int, s treemerge.Style, all []item,
	build func(item, int, int) *treemerge.Node) (*treemerge.List, bool) {
	l := &treemerge.List{Style: s}
	at := from
	if from > 0 && t.src[from-1] != '\n' { // the rest of the line of the bracket
		at = goimport.LineEnd(t.src, from)
		if len(all) == 0 {
			at = min(at, to)
		}
		if at > to || len(all) > 0 && !behind.Match(t.src[from:at]) {
			return nil, false
		}
	}
	l.Head = t.src[from:at]
	for _, it := range all {
		start, end := t.at(it.pos), t.at(it.end)
		next := goimport.LineEnd(t.src, end)
		if start < at || next > to || !behind.Match(t.src[end:next]) {
			return nil, false
		}
		l.Items = append(l.Items, build(it, at, next))
		at = next
	}
	l.Tail = t.src[at:to]
	return l, true
}

// led makes a node of what is before an element, and the element.
func (t *goTree) led(kind string, from, to int, lead token.Pos, n *treemerge.Node) *treemerge.Node {
	all := t.node(kind, from, to)
	all.Parts = []*treemerge.Node{t.node("lead", from, t.at(lead)), n}
	return all
}

// commas is a list of items between commas, in lines of their own or not.
func (t *goTree) commas(
	kind string,
	from, to token.Pos,
	s treemerge.Style,
	its []item,
	build func(item, int, int) *treemerge.Node,
) *placed {
	flat := func() *treemerge.List {
		l := &treemerge.List{Style: s}
		l.Inline = true
		at := t.at(from)
		for i, it := range its {
			end := t.at(it.end)
			l.Items = append(l.Items, build(it, at, end))
			at = end
			if i < len(its)-1 {
				at += bytes.IndexByte(t.src[end:], ',') + 1
			}
		}
		l.Tail = t.src[at:t.at(to)]
		return l
	}
	l, ok := t.lines(t.at(from), t.at(to), s, its, build)
	if !ok || len(its) == 0 {
		l = flat()
	} else {
		l.Flat = flat
	}
	return t.list(kind, from, to, l)
}
