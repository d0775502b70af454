package main

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// heldOut are phrases that these texts do without, below what to write
// in their place. They are whole words, in either case.
var heldOut = map[string]string{
	"is not a Y, is not a valid Y": "is no color, is no colour, is no cookie name, is no path, is no value, " +
		"is no plain, is no file, is no error, is no conflict, are no conflict, is no module, is no project, " +
		"is no option, are no options, is no origin, is no host, is no directory, is no terminal, " +
		"is no command, is no flag, is no list, is no problem, is no edit, is no marker, is no way, " +
		"is no session, is no user, is no browser, is no service",
	"fix":                  "mend, mends, mended, mending",
	"again, regenerate":    "anew, again from the start",
	"shown, reports, says": "told, tell, tells",
	"is in, is at, is before": "stand in, stands in, stood in, stand at, stands at, stand on, stands on, " +
		"stand before, stands before, stand behind, stands behind, " +
		"stood behind, stand here, stands here, stand between, stands between",
	"use, read": "look at a session, look at the session, looks at the session, looking at the session, " +
		"only when looked at",
	"silently":                "in silence, without a word",
	"up to date":              "in step",
	"auditors, users, people": "those who, who must show",
	"cannot be combined with": "go not together, goes not together, not together with",
	"because of, by":          "thanks to",
	"make sure, check":        "see to it, see to the",
	"that is intended":        "that is no fault, is no fault",
	"an unprivileged user":    "no one in particular",
	"does not trust":          "for a stranger",
	"trailing slash":          "a slash too much",
	"not one of our":          "none of ours",
	"valid once":              "good for one use, good for one login",
	"cannot be revoked":       "cannot be taken back",
	"does nothing with":       "has no use with",
	"invalid settings":        "the settings do not work",
	"cannot be told apart":    "so there is nothing to tell",
	"not case-sensitive":      "capital or small letters",
	"print the version":       "say which sessionseed",
	"use defaults":            "whatever is left open",
	"change it with --x":      "names it otherwise",
	"leave empty to finish":   "empty: no more",
	"another name":            "infault, instep, asplanned",
	"sorted, cleaned up":      "tidied",
}

// english is what the phrases catch and should not: there is no such thing, and to
// tell things apart.
var english = regexp.MustCompile(`\bthere (is|are) no\b|\b(told|tells?)( [\w,'-]+){0,12} apart\b`)

// hits returns which of the phrases are in a line, each with what to write.
func hits(line string) []string {
	line = english.ReplaceAllString(strings.ToLower(line), "")
	var list []string
	for write, phrases := range heldOut {
		for phrase := range strings.SplitSeq(phrases, ", ") {
			if regexp.MustCompile(`\b` + phrase + `\b`).MatchString(line) {
				list = append(list, phrase+"; write: "+write)
			}
		}
	}
	return list
}

// TestWords holds those phrases out of every text of the tree: documents,
// templates, scripts, and the comments and strings of programs.
func TestWords(t *testing.T) {
	var phrases []string
	for _, list := range heldOut {
		phrases = append(phrases, strings.Split(list, ", ")...)
	}
	read := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "build", "dist", "node_modules", "axe-core", "data"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !isOurText(path) {
			return nil
		}
		read++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if filepath.Ext(path) == ".go" {
			text = commentsAndStrings(text)
		}
		lower := strings.ToLower(string(text))
		next := ""
		for i, line := range slices.Backward(strings.Split(lower, "\n")) {
			below := strings.TrimLeft(next, " \t/#")
			both := line + " " + below // a phrase may be broken
			next = line
			if !slices.ContainsFunc(phrases, func(phrase string) bool { return strings.Contains(both, phrase) }) {
				continue
			}
			known := hits(below)
			for _, hit := range hits(both) {
				if !slices.Contains(known, hit) {
					t.Errorf("%s:%d: %s", path, i+1, hit)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 500 {
		t.Errorf("only %d texts were read", read)
	}
}

// isOurText reports whether a file is written here, and for people.
func isOurText(path string) bool {
	switch name := filepath.Base(path); {
	case name == "words_test.go", strings.HasPrefix(name, "LICENSE"), strings.Contains(name, ".min."):
		return false
	case filepath.Dir(path) == ".ci", strings.HasPrefix(name, ".env"), strings.HasPrefix(name, "Dockerfile"):
		return true
	}
	return slices.Contains([]string{".go", ".md", ".tmpl", ".txtar", ".yaml", ".yml", ".js", ".mjs", ".html", ".css",
		".sh", ".sql"}, filepath.Ext(path))
}

// commentsAndStrings blanks everything else of a Go file, but for line ends.
func commentsAndStrings(src []byte) []byte {
	out := make([]byte, len(src))
	for i, c := range src {
		out[i] = ' '
		if c == '\n' {
			out[i] = c
		}
	}
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(src))
	s.Init(file, src, nil, scanner.ScanComments)
	for {
		pos, tok, text := s.Scan()
		switch tok {
		case token.EOF:
			return out
		case token.COMMENT, token.STRING:
			copy(out[file.Offset(pos):], text)
		}
	}
}
