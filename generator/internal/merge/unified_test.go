package merge

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

func TestUnified(t *testing.T) {
	tests := []struct{ name, a, b, want string }{
		{"equal", "a\n", "a\n", ""},
		{"change", "a\nb\nc\n", "a\nB\nc\n", "--- x\n+++ y\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		{"new file", "", "a\n", "--- x\n+++ y\n@@ -0,0 +1 @@\n+a\n"},
		{"removed file", "a\nb\n", "", "--- x\n+++ y\n@@ -1,2 +0,0 @@\n-a\n-b\n"},
		{"final newline", "a", "a\n", "--- x\n+++ y\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
		{"line endings", "a\r\n", "a\n", "--- x\n+++ y\n@@ -1 +1 @@\n-a\r\n+a\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := textmerge.Unified("x", "y", []byte(tt.a), []byte(tt.b)); string(got) != tt.want {
				t.Errorf("textmerge.Unified(%q, %q) = %q, want %q", tt.a, tt.b, got, tt.want)
			}
		})
	}
}

// git apply must rebuild every new text from the old one and the diff.
func TestUnifiedIsAPatch(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 9))
	var patch bytes.Buffer
	want := map[string][]byte{}
	for i := range 400 {
		c := RandomTriple(r)
		a, b := c.Ours, c.Theirs
		if i%5 == 0 {
			a = bytes.TrimSuffix(a, []byte("\n"))
		}
		if i%7 == 0 {
			b = bytes.TrimSuffix(b, []byte("\n"))
		}
		if len(a) == 0 || len(b) == 0 || bytes.Equal(a, b) {
			continue
		}
		name := filepath.Join("d", string(rune('a'+i%26))+string(rune('a'+i/26)))
		if err := os.MkdirAll(filepath.Join(dir, "d"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), a, 0o600); err != nil {
			t.Fatal(err)
		}
		patch.Write(textmerge.Unified("a/"+name, "b/"+name, a, b))
		want[name] = b
	}
	cmd := exec.Command("git", "apply", "--whitespace=nowarn", "-")
	cmd.Dir, cmd.Stdin = dir, &patch
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s", err, out)
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s: git apply made %q, want %q (%v)", name, got, text, err)
		}
	}
}
