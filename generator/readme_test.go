package generator

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the option table of README.md")

// optionTable is the table of README.md, made from the rows of table.go.
func optionTable() string {
	var b strings.Builder
	b.WriteString("| option | flag | default | what it does | values | at run time |\n| --- | --- | --- | --- | --- | --- |\n")
	cell := func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
	code := func(s string) string {
		if s == "" {
			return ""
		}
		return "`" + s + "`"
	}
	for _, d := range Table() {
		limits := cell(d.Limits)
		if strings.Contains(limits, "`") { // the token characters of a cookie name
			limits = "an RFC 6265 token"
		}
		fmt.Fprintf(&b, "| `%s` | `--%s` | %s | %s | %s | %s |\n", d.Name, d.Flag, code(d.Default()), cell(d.Help), limits, code(d.Runtime))
	}
	return b.String()
}

func TestReadmeHasTheOptionTable(t *testing.T) {
	const file, begin, end = "../README.md", "<!-- options: made by go test ./generator -update -->\n", "<!-- end of options -->\n"
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := bytes.Cut(readme, []byte(begin))
	_, tail, ok2 := bytes.Cut(rest, []byte(end))
	if !ok1 || !ok2 {
		t.Fatalf("README.md lacks the lines %q and %q", begin, end)
	}
	want := []byte(string(head) + begin + "\n" + optionTable() + "\n" + end + string(tail))
	if bytes.Equal(readme, want) {
		return
	}
	if !*update {
		t.Fatal("the option table of README.md is not that of table.go; run: go test ./generator -update")
	}
	if err := os.WriteFile(file, want, 0o644); err != nil {
		t.Fatal(err)
	}
}
