package goedit

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// SameCode reports whether two Go files differ in nothing but what gofmt and
// tools that sort imports change: blanks and line breaks between tokens, and the
// order and grouping of imports. Comments count. Source that does not parse is
// never the same, not even as itself.
func SameCode(a, b []byte) bool {
	importsA, restA, okA := tokens(a)
	importsB, restB, okB := tokens(b)
	return okA && okB && slices.Equal(importsA, importsB) && slices.Equal(restA, restB)
}

// tokens are the imports of a file, sorted, and all else of it token by token.
func tokens(src []byte) (imports, rest []string, ok bool) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, false
	}
	for _, spec := range file.Imports {
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports = append(imports, name+" "+spec.Path.Value)
	}
	slices.Sort(imports)

	var s scanner.Scanner
	own := token.NewFileSet()
	s.Init(own.AddFile("", -1, len(src)), src, nil, scanner.ScanComments)
	inImport, depth := false, 0
	for {
		_, tok, text := s.Scan()
		switch {
		case tok == token.EOF:
			return imports, rest, true
		case tok == token.IMPORT:
			inImport, depth = true, 0
		case tok == token.COMMENT:
			rest = append(rest, strings.TrimRight(text, " \t\r\n"))
		case inImport:
			switch tok {
			case token.LPAREN:
				depth++
			case token.RPAREN:
				depth--
			}
			inImport = tok != token.SEMICOLON || depth > 0
		case tok == token.SEMICOLON, tok == token.COMMA:
			rest = append(rest, tok.String())
		default:
			// Before a closing bracket they are a matter of line breaks.
			if n := len(rest); closes(tok) && n > 0 && (rest[n-1] == "," || rest[n-1] == ";") {
				rest = rest[:n-1]
			}
			rest = append(rest, tok.String()+" "+text)
		}
	}
}

func closes(tok token.Token) bool {
	return tok == token.RPAREN || tok == token.RBRACE || tok == token.RBRACK
}
