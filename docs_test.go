package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/golden"
)

var update = flag.Bool("update", false, "write the numbers of both READMEs again")

// TestNumbers holds the table of what a project has to what is generated, in both languages.
func TestNumbers(t *testing.T) {
	usual, bare := options.Defaults(), options.Defaults()
	usual.Module, bare.Module = "example.com/shop", "example.com/shop"
	bare.Captcha.Enabled, bare.Demo, bare.Docker, bare.CI = false, false, false, false
	var rows [4][2]string
	for column, o := range []options.Options{usual, bare} {
		tree, err := golden.Engine.Render(o, golden.Secrets)
		if err != nil {
			t.Fatal(err)
		}
		files, code, lines, modules := 0, 0, 0, 0
		for _, f := range tree.Files {
			files++
			switch {
			case path.Ext(f.Path) == ".go":
				code++
				lines += bytes.Count(f.Data, []byte("\n"))
			case f.Path == "go.mod":
				modules = bytes.Count(f.Data, []byte("\n\t"))
			}
		}
		for row, n := range []int{files, code, lines, modules} {
			rows[row][column] = fmt.Sprint(n)
		}
	}
	const head, foot = "<!-- numbers: made by go test . -run TestNumbers -update -->\n", "<!-- end of numbers -->\n"
	for file, labels := range map[string][]string{
		"README.md": {"| | default | without captcha, demo, Docker, CI |", "files, besides two in `.sessionseed/`",
			"of these Go, tests included", "lines of Go", "dependencies (one driver for `sqlite`, `postgres` or `redis`)"},
		"README.zh-CN.md": {"| | 默认 | 关掉验证码、演示、Docker、CI |", "文件（另有两个在 `.sessionseed/`）", "其中 Go 文件（含测试）", "Go 代码行数",
			"依赖（选 `sqlite`、`postgres` 或 `redis` 时有一个驱动）"},
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, _ := strings.Cut(string(text), head)
		_, after, found := strings.Cut(rest, foot)
		if !found {
			t.Fatalf("%s has no place for the numbers", file)
		}
		table := labels[0] + "\n| --- | --: | --: |\n"
		for i, row := range rows {
			table += fmt.Sprintf("| %s | %s | %s |\n", labels[i+1], row[0], row[1])
		}
		want := before + head + "\n" + table + "\n" + foot + after
		if want == string(text) {
			continue
		}
		if !*update {
			t.Errorf("the numbers of %s are not those of the projects; run: go test . -run TestNumbers -update", file)
			continue
		}
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTranslations: a page and its translation have the same headings by number and level, the same rows, commands,
// code spans and addresses, and link to each other.
func TestTranslations(t *testing.T) {
	heading := regexp.MustCompile("(?m)^#+ ")
	command := regexp.MustCompile("(?m)^```sh\n(?s:.*?)^```|^    \\S.*(?:\n      \\S.*)*|^sessionseed [a-z]+")
	code := regexp.MustCompile("`[^`\n]+`")
	link := regexp.MustCompile(`\]\(([^)\s]+)\)|<(http[^>]+)>`)
	row := regexp.MustCompile(`(?m)^\||^- `)
	for _, file := range []string{"README", "docs/session-undefined"} {
		one, err := os.ReadFile(file + ".md")
		if err != nil {
			t.Fatal(err)
		}
		other, err := os.ReadFile(file + ".zh-CN.md")
		if err != nil {
			t.Fatal(err)
		}
		english, chinese := string(one), strings.ReplaceAll(string(other), "/zh-cn/", "/")
		if base := path.Base(file); !strings.Contains(english, "("+base+".zh-CN.md)") ||
			!strings.Contains(chinese, "("+base+".md)") {
			t.Errorf("%s and its translation do not link to each other", file)
		}
		for what, all := range map[string]*regexp.Regexp{"headings": heading, "commands": command, "rows": row} {
			got, want := all.FindAllString(chinese, -1), all.FindAllString(english, -1)
			if !slices.Equal(got, want) {
				t.Errorf("%s: the %s of the translation are\n%q, those of the original\n%q", file, what, got, want)
			}
		}
		for what, all := range map[string]*regexp.Regexp{"code spans": code, "links": link} {
			got, want := distinct(all, strings.ReplaceAll(chinese, ".zh-CN.md", ".md")), distinct(all, strings.ReplaceAll(
				english, ".zh-CN.md", ".md"))
			if !slices.Equal(got, want) {
				t.Errorf("%s: the %s of the translation are\n%q, those of the original\n%q", file, what, got, want)
			}
		}
	}
}

func distinct(pattern *regexp.Regexp, text string) []string {
	return slices.Compact(slices.Sorted(slices.Values(pattern.FindAllString(text, -1))))
}

// TestBadges: what they claim is so.
func TestBadges(t *testing.T) {
	for file, want := range map[string]string{"go.mod": "\ngo 1.26", "LICENSE": "MIT License"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s has no %q, which a badge of README.md claims", file, want)
		}
	}
}

// TestLinksLeadSomewhere follows the links between the documents, and to their
// headings.
func TestLinksLeadSomewhere(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	code := regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	for _, page := range append(pages, "README.md", "README.zh-CN.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(string(text), ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			to := page
			if target != "" {
				to = filepath.Join(filepath.Dir(page), target)
			}
			there, err := os.ReadFile(to)
			if err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
			} else if anchor != "" && !anchors(string(there))[anchor] {
				t.Errorf("%s links to %s, which has no such heading", page, m[1])
			}
		}
	}
}

// anchors are the names that Markdown viewers give to headings.
func anchors(text string) map[string]bool {
	names := map[string]bool{}
	drop := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for line := range strings.Lines(text) {
		if heading, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			names[strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), ""), " ",
				"-")] = true
		}
	}
	return names
}
