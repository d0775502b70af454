package generator

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRotateKeys(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, ".env")
	if err := os.WriteFile(name, []byte("# mine\nSESSION_KEYS=first\nOTHER=1"), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	keys := func() []string {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(data)) {
			if v, ok := strings.CutPrefix(l, "SESSION_KEYS="); ok {
				return strings.Split(strings.TrimSpace(v), ",")
			}
		}
		t.Fatalf("no keys in %q", data)
		return nil
	}
	for i, step := range []struct {
		after         time.Duration
		keys, dropped int
	}{{0, 2, 0}, {24 * time.Hour, 3, 0}, {7 * 24 * time.Hour, 3, 1}, {30 * 24 * time.Hour, 2, 2}} {
		now = now.Add(step.after)
		front := keys()[0]
		r, err := RotateKeys(dir, RotateOptions{Now: now, Random: bytes.NewReader(bytes.Repeat([]byte{byte(i + 1)}, 32))})
		if err != nil {
			t.Fatal(err)
		}
		got := keys()
		if r.Keys != step.keys || len(got) != step.keys || r.Dropped != step.dropped || got[1] != front || !r.Until.Equal(now.Add(7*24*time.Hour)) {
			t.Errorf("rotation %d: %+v, keys %v, want %d with %d dropped and %q second", i+1, r, got, step.keys, step.dropped, front)
		}
	}
	data, _ := os.ReadFile(name)
	if !strings.HasPrefix(string(data), "# mine\n# replaced: 2026-") || !strings.HasSuffix(string(data), "\nOTHER=1") {
		t.Errorf(".env = %q, want everything else as it was", data)
	}
	if info, _ := os.Stat(name); info.Mode().Perm() != 0o600 {
		t.Errorf(".env has mode %v", info.Mode())
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".env?*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRotateKeysRefuses(t *testing.T) {
	for name, env := range map[string]string{"no .env": "", "no line": "OTHER=1\n"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if env != "" {
				os.WriteFile(filepath.Join(dir, ".env"), []byte(env), 0o600)
			}
			_, err := RotateKeys(dir, RotateOptions{})
			if p := Problems(err); len(p) != 1 || p[0].Hint == "" {
				t.Errorf("RotateKeys: %v, want one problem with a hint", err)
			}
		})
	}
}
