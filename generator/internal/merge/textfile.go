package merge

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/internal/treemerge"
)

// textTree builds the trees of files that are read line by line.
type textTree struct {
	lines []string // with their ends
}

// newTextTree is not ok for text without a newline at its end, to which nothing
// can be added.
func newTextTree(src []byte) (textTree, bool) {
	return textTree{slices.Collect(strings.Lines(string(src)))}, len(src) == 0 ||
		bytes.HasSuffix(src, []byte(textmerge.Lf))
}

// node makes a node of a range of lines.
func (t textTree) node(kind string, from, to int) *treemerge.Node {
	text := []byte(strings.Join(t.lines[from:to], ""))
	n := &treemerge.Node{Text: text, Kind: kind, Line: from + 1}
	n.Tokens, _ = textWords(text)
	n.Words = strings.Fields(string(text))
	return n
}

// file makes the node of a whole file.
func (t textTree) file(l *treemerge.List) *treemerge.Node {
	n := t.node("file", 0, len(t.lines))
	n.List = l
	return n
}

// textWords takes every line that is not blank as a word.
func textWords(text []byte) (words []string, starts []int) {
	at := 0
	for l := range strings.Lines(string(text)) {
		if word := strings.TrimRight(l, " \t\n"); word != "" {
			words = append(words, word)
			starts = append(starts, at)
		}
		at += len(l)
	}
	return words, starts
}

// lineSet is a file in which each line is for itself and comments belong to the
// line behind them: .env, by variable, and lists of patterns.
var lineSet = treemerge.Language{Parse: parseLineSet, Words: textWords, Valid: anything}

func anything(string, []byte) bool { return true }

var assignment = regexp.MustCompile(`^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=`)

func lineKey(l string) string {
	l = strings.TrimSpace(l)
	if strings.HasPrefix(l, "#") {
		return ""
	}
	if m := assignment.FindStringSubmatch(l); m != nil {
		return m[1] + "="
	}
	return l
}

func parseLineSet(src []byte, _ int) *treemerge.Node {
	t, ok := newTextTree(src)
	if !ok {
		return nil
	}
	l := &treemerge.List{Style: treemerge.Style{Keyed: true}}
	at := 0
	for i, text := range t.lines {
		key := lineKey(text)
		if key == "" {
			continue
		}
		n := t.node("line", at, i+1)
		n.Parts = []*treemerge.Node{t.node("lead", at, i), t.node("entry", i, i+1)}
		n.Key, n.Name = key, strings.TrimSuffix(key, "=")
		l.Items = append(l.Items, n)
		at = i + 1
	}
	l.Tail = t.node("tail", at, len(t.lines)).Text
	return t.file(l)
}

// markdown is prose: a set of sections by heading, each a sequence of
// paragraphs; tables are sets of rows by first cell, lists sequences of lines.
var markdown = treemerge.Language{Parse: parseMarkdown, Words: textWords, Valid: anything}

var (
	heading = regexp.MustCompile(`^#{1,6}\s`)
	fence   = regexp.MustCompile("^ {0,3}(```+|~~~+)")
	row     = regexp.MustCompile(`^(\||[-*+] |\d+[.)] )`)
)

func parseMarkdown(src []byte, _ int) *treemerge.Node {
	t, ok := newTextTree(src)
	if !ok {
		return nil
	}
	var starts []int // of sections
	open := ""
	for i, l := range t.lines {
		m := fence.FindStringSubmatch(l)
		switch {
		case m != nil && open == "":
			open = m[1]
		case m != nil && strings.HasPrefix(m[1], open):
			open = ""
		case open == "" && heading.MatchString(l):
			start := i
			for start > 0 && t.blank(start-1) {
				start--
			}
			starts = append(starts, start)
		}
	}
	if open != "" {
		return nil
	}
	l := &treemerge.List{Style: treemerge.Style{Keyed: true}}
	bounds := append([]int{0}, append(starts, len(t.lines))...)
	for i := range len(bounds) - 1 {
		if from, to := bounds[i], bounds[i+1]; from < to {
			l.Items = append(l.Items, t.section(from, to))
		}
	}
	return t.file(l)
}

// section is a heading and the paragraphs below it.
func (t textTree) section(from, to int) *treemerge.Node {
	n := t.node("section", from, to)
	n.Key = "before the first heading"
	start := from
	for start < to && t.blank(start) {
		start++
	}
	if start < to && heading.MatchString(t.lines[start]) {
		n.Key = strings.TrimSpace(t.lines[start])
		start++
	} else {
		start = from
	}
	n.Name = fmt.Sprintf("section %q", strings.TrimLeft(n.Key, "# "))
	body := t.node("body", start, to)
	body.List = &treemerge.List{}
	n.Parts = []*treemerge.Node{t.node("heading", from, start), body}
	open := ""
	for at := start; at < to; at++ {
		m := fence.FindStringSubmatch(t.lines[at])
		switch {
		case m != nil && open == "":
			open = m[1]
		case m != nil && strings.HasPrefix(m[1], open):
			open = ""
		}
		if open == "" && !t.blank(at) && (at+1 == to || t.blank(at+1)) {
			body.List.Items = append(body.List.Items, t.paragraph(start, at+1))
			start = at + 1
		}
	}
	body.List.Tail = t.node("tail", start, to).Text
	return n
}

func (t textTree) blank(at int) bool { return strings.TrimSpace(t.lines[at]) == "" }

// paragraph is the lines between blank ones, with the blank ones before them.
func (t textTree) paragraph(from, to int) *treemerge.Node {
	n := t.node("paragraph", from, to)
	start := from
	for t.blank(start) {
		start++
	}
	rows := t.node("rows", start, to)
	rows.List = &treemerge.List{}
	for i := start; i < to; i++ {
		if !row.MatchString(t.lines[i]) {
			return n
		}
		rows.List.Items = append(rows.List.Items, t.node("row", i, i+1))
	}
	keyRows(rows.List)
	n.Kind = "rows"
	n.Parts = []*treemerge.Node{t.node("lead", from, start), rows}
	return n
}

// keyRows makes a table a set, if each of its rows has a first cell of its own.
func keyRows(l *treemerge.List) {
	keys := map[string]bool{}
	for _, n := range l.Items {
		cells := strings.SplitN(string(n.Text), "|", 3)
		if len(cells) < 3 || strings.TrimSpace(cells[1]) == "" {
			return
		}
		keys[strings.TrimSpace(cells[1])] = true
	}
	if len(keys) < len(l.Items) {
		return
	}
	l.Style.Keyed = true
	for _, n := range l.Items {
		n.Key = strings.TrimSpace(strings.SplitN(string(n.Text), "|", 3)[1])
		n.Name = n.Key
	}
}
