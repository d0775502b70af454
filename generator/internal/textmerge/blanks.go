package textmerge

import (
	"bytes"
	"go/scanner"
	"go/token"
	"strings"
)

// goKeys returns the lines of Go source with every run of blanks outside of
// literals and comments made one, and none at either end, but for the indentation of
// a closing bracket. What gofmt would realign compares equal; what stands inside a literal or a comment, raw
// strings over many lines included, compares byte for byte.
func goKeys(lines []Line) []string {
	text := ToLF(Join(lines))
	literal := literals(text)
	out := make([]string, 0, len(lines))
	at := 0
	for _, l := range lines {
		out = append(out, squeeze(text[at:at+len(l.Text)], literal[at:at+len(l.Text)]))
		at += len(l.Text) + 1
	}
	return out
}

// literals marks the bytes of src that belong to a string, a character or a
// comment. Source that does not scan is marked as far as it does.
func literals(src []byte) []bool {
	mask := make([]bool, len(src)+1)
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, src, func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return mask
		}
		from := file.Offset(pos)
		to := from
		switch {
		case tok == token.COMMENT && strings.HasPrefix(lit, "//"):
			to = until(src, from, "\n")
		case tok == token.COMMENT:
			to = until(src, from+2, "*/")
		case tok == token.STRING && src[from] == '`':
			to = until(src, from+1, "`")
		case tok == token.STRING, tok == token.CHAR:
			to = min(from+len(lit), len(src))
		}
		for i := from; i < to; i++ {
			mask[i] = true
		}
	}
}

// until returns the offset of stop at or after from, or the end.
func until(src []byte, from int, stop string) int {
	from = min(from, len(src))
	if i := bytes.Index(src[from:], []byte(stop)); i >= 0 {
		return from + i
	}
	return len(src)
}

// squeeze makes one key of a line.
func squeeze(text []byte, literal []bool) string {
	key := make([]byte, 0, len(text))
	blank := false
	for i, c := range text {
		if (c == ' ' || c == '\t') && !literal[i] {
			blank = len(key) > 0
			continue
		}
		if blank {
			key = append(key, ' ')
			blank = false
		}
		key = append(key, c)
	}
	if len(key) > 0 && (key[0] == '}' || key[0] == ')') {
		// Which bracket this closes shows in its indentation alone.
		return string(text[:bytes.IndexByte(text, key[0])]) + string(key)
	}
	return string(key)
}
