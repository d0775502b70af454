package merge

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// TestMergeText merges by entry, line, section and paragraph what touches line by
// line. Each row gives the base, the text of each side, and the merged text.
func TestMergeText(t *testing.T) {
	tests := []struct{ name, file, base, ours, theirs, want string }{
		{"keys beside each other", "sessionseed.yaml",
			"a: 1\nb: 2\nc: 3\n", "a: 1\nb: 20\nc: 3\n", "a: 1\nb: 2\nc: 30\n", "a: 1\nb: 20\nc: 30\n"},
		{"keys added in one place", "compose.yaml",
			"services:\n  app:\n    image: a\n",
			"services:\n  app:\n    image: a\n  # mine\n  mail:\n    image: m\n",
			"services:\n  app:\n    image: a\n  redis:\n    image: r\n",
			"services:\n  app:\n    image: a\n  # mine\n  mail:\n    image: m\n  redis:\n    image: r\n"},
		{"a comment goes with what follows it", "compose.yaml",
			"a: 1\n# of b\nb: 2\nc: 3\n", "a: 1\nc: 3\n", "a: 10\n# of b\nb: 2\nc: 3\n", "a: 10\nc: 3\n"},
		{"steps of a workflow", ".github/workflows/test.yml",
			"jobs:\n  test:\n    steps:\n      - uses: checkout\n      - run: go test\n",
			"jobs:\n  test:\n    steps:\n      - uses: checkout\n      - run: mine\n      - run: go test\n",
			"jobs:\n  test:\n    steps:\n      - uses: checkout\n        with:\n          deep: true\n      - run: " +
				"go test ./...\n",
			"jobs:\n  test:\n    steps:\n      - uses: checkout\n        with:\n          deep: true\n      - run: " +
				"mine\n      - run: go test ./...\n"},
		{"a literal block is one value", "a.yaml",
			"a: |\n  # no comment\n\n  text\nb: 1\n", "a: |\n  # no comment\n\n  text\nb: 2\n",
			"a: |\n  # no comment\n\n  texts\nb: 1\n",
			"a: |\n  # no comment\n\n  texts\nb: 2\n"},
		{"variables as a set", ".env.example",
			"# port\nPORT=1\n", "# port\nPORT=1\nMINE=1\nBOTH=x\n", "# port\nPORT=2\nKEY=2\nBOTH=x\n",
			"# port\nPORT=2\nMINE=1\nKEY=2\nBOTH=x\n"},
		{"the same pattern in two places", ".gitignore",
			"a\nb\nc\nd\n", "new\na\nb\nc\nd\n", "a\nb\nc\nd\nnew\n", "new\na\nb\nc\nd\n"},
		{"sections added in one place", "README.md",
			"# A\n\nText.\n", "# A\n\nText.\n\n## Mine\n\nm\n", "# A\n\nTexts.\n\n## New\n\nn\n",
			"# A\n\nTexts.\n\n## Mine\n\nm\n\n## New\n\nn\n"},
		{"rows of a table", "README.md",
			"| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd.\n", "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nEnd.\n",
			"| a | b |\n|---|---|\n| 1 | 9 |\n\nEnd.\n",
			"| a | b |\n|---|---|\n| 1 | 9 |\n| 3 | 4 |\n\nEnd.\n"},
		{"a row beside one that is replaced", "README.md",
			"| route | what |\n|---|---|\n| /login | name, password |\n",
			"| route | what |\n|---|---|\n| /login | name, password |\n| /mine | mine |\n",
			"| route | what |\n|---|---|\n| /login | who it is, in JSON |\n| /new | new |\n",
			"| route | what |\n|---|---|\n| /login | who it is, in JSON |\n| /mine | mine |\n| /new | new |\n"},
		{"a row beside one that goes", "README.md",
			"| a | b |\n|---|---|\n| 1 | one |\n| 2 | two |\n",
			"| a | b |\n|---|---|\n| 1 | one |\n| mine | m |\n| 2 | two |\n",
			"| a | b |\n|---|---|\n| 3 | three |\n| 2 | two |\n",
			"| a | b |\n|---|---|\n| 3 | three |\n| mine | m |\n| 2 | two |\n"},
		{"paragraphs added in one place", "docs/a.md",
			"# A\n\nOne.\n", "# A\n\nOne.\n\nMine.\n", "# A\n\nOne.\n\n```\ncode\n\nmore\n```\n",
			"# A\n\nOne.\n\nMine.\n\n```\ncode\n\nmore\n```\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := File(tt.file, []byte(tt.base), []byte(tt.ours), []byte(tt.theirs), textmerge.Options{})
			if err != nil || len(got.Conflicts) > 0 || string(got.Data) != tt.want {
				t.Errorf("File = %v, %d conflicts\n%s\nwant\n%s", err, len(got.Conflicts), got.Data, tt.want)
			}
			if lines := textmerge.Merge([]byte(tt.base), []byte(tt.ours), []byte(tt.theirs),
				textmerge.Options{}); got.Structural != (string(lines.Data) != tt.want) {
				t.Errorf("Structural = %v", got.Structural)
			}
			windows, _ := File(tt.file, []byte(tt.base), textmerge.WithEnding([]byte(tt.ours), textmerge.Crlf),
				[]byte(tt.theirs), textmerge.Options{})
			if string(windows.Data) != strings.ReplaceAll(tt.want, "\n", "\r\n") {
				t.Errorf("with CRLF: %q", windows.Data)
			}
		})
	}
}

func TestMergeTextConflicts(t *testing.T) {
	tests := []struct{ name, file, base, ours, theirs, element, want string }{
		{
			"a value changed in two ways",
			"compose.yaml",
			"a:\n  b: 1\n  c: 1\n",
			"a:\n  b: 2\n  c: 1\n",
			"a:\n  b: 3\n  c: 2\n",
			"a, b",
			"a:\n<<<<<<< yours\n  b: 2\n||||||| last generated\n  b: 1\n=======\n  b: 3\n>>>>>>> new\n  c: 2\n",
		},
		{"a key added in two ways", "compose.yaml", "a: 1\n", "a: 1\nb: 1\n", "a: 1\nb: 2\n", "b",
			"a: 1\n<<<<<<< yours\nb: 1\n||||||| last generated\n=======\nb: 2\n>>>>>>> new\n"},
		{"a variable deleted and changed", ".env", "A=1\nB=1\n", "A=1\n", "A=2\nB=2\n", "B",
			"A=2\n<<<<<<< yours\n||||||| last generated\nB=1\n=======\nB=2\n>>>>>>> new\n"},
		{
			"a paragraph changed in two ways",
			"README.md",
			"# A\n\nx\n\n## B\n\ny\n",
			"# A\n\nX\n\n## B\n\ny\n",
			"# A\n\nxx\n\n## B\n\nyy\n",
			"section \"A\"",
			"# A\n\n<<<<<<< yours\nX\n||||||| last generated\nx\n=======\nxx\n>>>>>>> new\n\n## B\n\nyy\n",
		},
		{"no YAML", "a.yaml", "a: [\nb\n", "a: [\nc\n", "a: [\nd\n", "",
			"a: [\n<<<<<<< yours\nc\n||||||| last generated\nb\n=======\nd\n>>>>>>> new\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := File(tt.file, []byte(tt.base), []byte(tt.ours), []byte(tt.theirs), textmerge.Options{})
			if err != nil || len(got.Conflicts) != 1 || got.Conflicts[0].Element != tt.element {
				t.Fatalf("File = %v, conflicts %+v, want one in %q", err, got.Conflicts, tt.element)
			}
			if string(got.Data) != tt.want {
				t.Errorf("File =\n%s\nwant\n%s", got.Data, tt.want)
			}
		})
	}
}
