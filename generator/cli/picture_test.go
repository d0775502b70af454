//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/cli/ask/ttytest"
)

// TestPicture draws what a terminal shows when every default but the directory is accepted, with --accessible, and
// holds docs/new.svg to it, so that no count or question in the README is old.
func TestPicture(t *testing.T) {
	t.Parallel()
	s := ttytest.Start(t, ttytest.Options{Cols: 84, Rows: 90, Dir: t.TempDir(), Env: []string{"NO_COLOR=1"}},
		"sessionseed", "new", "--accessible")
	lists := map[string]string{askPurpose: "Number 1 to 4", askRenewal: "Number 1 to 3", askStore: "Number 1 to 5"}
	for _, step := range wholeDialogue {
		s.SeeLine(step[0], lists[step[0]])
		s.Send(step[1])
	}
	if code := s.Exit(); code != exitOK {
		t.Fatalf("exit %d:\n%s", code, s)
	}
	lines := []string{"$ sessionseed new"}
	for _, line := range s.Lines() {
		lines = append(lines, strings.TrimRight(line, " \x00"))
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	const file = "../../docs/new.svg"
	got := drawTerminal("sessionseed new: the questions, a summary, and the next steps", lines)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		const update = "go test ./generator/cli -run TestPicture -update"
		t.Errorf("docs/new.svg is not what the terminal shows; run: %s\n%s", update, s)
	}
}

// drawTerminal is the picture of a terminal as SVG text. Commands are bright.
func drawTerminal(title string, lines []string) []byte {
	const row, margin = 19, 22 // a column is 8.5
	widest := len([]rune(slices.MaxFunc(lines, func(a, b string) int { return len([]rune(a)) - len([]rune(b)) })))
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" role="img">
<title>%[3]s</title>
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre;`+
		`fill:#c9d1d9}.c{fill:#7ee787}</style>
<rect width="100%%" height="100%%" rx="10" fill="#0d1117"/>
`, widest*17/2+2*margin, len(lines)*row+2*margin, html.EscapeString(title))
	for i, line := range lines {
		class := ""
		if strings.HasPrefix(line, "$ ") {
			class = ` class="c"`
		}
		if line != "" {
			fmt.Fprintf(&b, `<text x="%d" y="%d"%s>%s</text>`+"\n", margin, margin+14+i*row, class,
				html.EscapeString(line))
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}
