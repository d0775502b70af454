package options

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the option table of docs/options.md")

// optionTable is the table of docs/options.md, made from the rows of table.go.
func optionTable() string {
	var b strings.Builder
	b.WriteString("| option | flag | default | what it does | values | at run time |\n| --- | --- | --- | --- | " +
		"--- | --- |\n")
	cell := func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
	code := func(s string) string {
		if s == "" {
			return ""
		}
		return "`" + s + "`"
	}
	for _, d := range Table() {
		fmt.Fprintf(&b, "| `%s` | `--%s` | %s | %s | %s | %s |\n", d.Name, d.Flag, code(d.Default()), cell(d.Help),
			cell(d.Limits), code(d.Runtime))
	}
	return b.String()
}

func TestDocsHaveTheOptionTable(t *testing.T) {
	const file, begin, end = "../../docs/options.md",
		"<!-- options: made by go test ./generator/options -update -->\n", "<!-- end of options -->\n"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := bytes.Cut(page, []byte(begin))
	_, tail, ok2 := bytes.Cut(rest, []byte(end))
	if !ok1 || !ok2 {
		t.Fatalf("docs/options.md lacks the line %q, or %q below it", begin, end)
	}
	want := []byte(string(head) + begin + "\n" + optionTable() + "\n" + end + string(tail))
	if bytes.Equal(page, want) {
		return
	}
	if !*update {
		t.Fatal("the option table of docs/options.md is not that of table.go; run: go test ./generator/options -update")
	}
	if err := os.WriteFile(file, want, 0o644); err != nil {
		t.Fatal(err)
	}
}
