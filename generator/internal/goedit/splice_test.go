package goedit

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestSetConsts(t *testing.T) {
	src := `package config

import "time"

// Doc stays.
const (
	CookieName = "app" // trailing
	MaxAge time.Duration = 24 * time.Hour
	A, B = 1, 2
)

var Origins = []string{
	"https://a.example", // one
}
`
	got, err := SetConsts([]byte(src), map[string]string{
		"CookieName": `"koa.sess"`, "MaxAge": "-1", "B": "3", "Origins": "[]string{}",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `package config

import "time"

// Doc stays.
const (
	CookieName = "koa.sess" // trailing
	MaxAge time.Duration = -1
	A, B = 1, 3
)

var Origins = []string{}
`
	if string(got) != want {
		t.Errorf("SetConsts = %s, want %s", got, want)
	}
}

func TestSetConstsErrors(t *testing.T) {
	src := "package a\n\nconst (\n\tA = iota\n\tB\n)\n\nfunc f() { const Local = 1 }\n"
	tests := []struct {
		name   string
		src    string
		values map[string]string
		want   []string
	}{
		{"missing", src, map[string]string{"Nope": "1", "Other": "2"}, []string{`"Nope"`, `"Other"`}},
		{"no value of its own", src, map[string]string{"B": "1"}, []string{`"B"`}},
		{"local", src, map[string]string{"Local": "1"}, []string{`"Local"`}},
		{"no expression", src, map[string]string{"A": "1; x"}, []string{`"A"`}},
		{"no source", "packag", map[string]string{"A": "1"}, []string{"expected 'package'"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := SetConsts([]byte(tt.src), tt.values)
			if err == nil || got != nil {
				t.Fatalf("SetConsts(%v) = %q (nil: %t), %v, want nil and an error", tt.values, got, got == nil, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("SetConsts(%v) error = %q, want it to hold %s", tt.values, err, want)
				}
			}
		})
	}
}

func TestRewriteImports(t *testing.T) {
	src := "package a\n\nimport \"old/x\" // old/x here\n\nimport (\n\t. `old/y`\n\tz \"other\"\n)\n\nvar s = " +
		"\"old/x\"\n"
	want := "package a\n\nimport \"new/app/x\" // old/x here\n\nimport (\n\t. \"new/app/y\"\n\tz " +
		"\"other\"\n)\n\nvar s = \"old/x\"\n"
	got, err := RewriteImports([]byte(src), func(p string) string {
		if rest, ok := strings.CutPrefix(p, "old/"); ok {
			return "new/app/" + rest
		}
		return p
	})
	if err != nil || string(got) != want {
		t.Errorf("RewriteImports = %q, %v, want %q", got, err, want)
	}
	if _, err := RewriteImports([]byte("packag a"), func(p string) string { return p }); err == nil {
		t.Error("RewriteImports of no Go source: no error")
	}
}

// Real code is the best adversary for byte positions: every import in a large part of
// Go's own source goes there and back.
func TestRewriteImportsThereAndBack(t *testing.T) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(strings.TrimSpace(string(goroot)), "src")
	dirs := []string{"net/http", "go", "encoding", "crypto/tls", "runtime", "cmd/go/internal/modload"}
	files := 0
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.Contains(path, "testdata") {
				return err
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			away, err := RewriteImports(src, func(p string) string { return "away/" + p })
			if err != nil {
				return nil // what does not parse has nothing to compare
			}
			back, err := RewriteImports(away, func(p string) string { return strings.TrimPrefix(p, "away/") })
			if err != nil || !bytes.Equal(back, src) {
				t.Errorf("%s: imports there and back changed the file (%v)", path, err)
			}
			files++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 500 {
		t.Errorf("only %d files were tried, want at least 500", files)
	}
}

func FuzzSetConsts(f *testing.F) {
	f.Add("package a\n\nconst A = 1 // x\n", `"v"`)
	f.Add("package a\n\nvar A, B = f(), `x\r\n`\n", "[]string{}")
	f.Fuzz(func(t *testing.T, src, value string) {
		out, err := SetConsts([]byte(src), map[string]string{"A": value})
		if err != nil {
			return
		}
		if _, err := SetConsts(out, map[string]string{"A": "1"}); err != nil && !strings.ContainsAny(value, "/`\r\n") {
			t.Errorf("SetConsts(%q, A = %q) = %q, which no longer parses: %v", src, value, out, err)
		}
	})
}

func TestSameButValues(t *testing.T) {
	const src = "package p\n\n// A is one.\nconst A = 1\n\nvar B = []string{\"x\"}\n"
	for name, c := range map[string]struct {
		other string
		want  bool
	}{
		"itself": {src, true},
		"other values": {"package p\n\n// A is one.\nconst A = 100 * 2\n\nvar B = " +
			"[]string{\n\t\"x\",\n\t\"y\",\n}\n", true},
		"another comment": {strings.Replace(src, "one", "two", 1), false},
		"another name":    {strings.Replace(src, "const A", "const C", 1), false},
		"a function more": {src + "\nfunc f() {}\n", false},
		"not Go":          {"packag p\n", false},
	} {
		if got := SameButValues([]byte(src), []byte(c.other)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
