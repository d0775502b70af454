package state

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// aKey is a signing key as the service takes it.
const aKey = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"

func TestRotateKeys(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, ".env")
	if err := os.WriteFile(name, []byte("# mine\nSESSION_KEYS="+aKey+"\nOTHER=1"), 0o600); err != nil {
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
		if i == 1 { // as an older generator left it
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			data = bytes.Replace(data, []byte(replacedNote), []byte(olderReplacedNote), 1)
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r, err := RotateKeys(dir, RotateOptions{Now: now,
			Random: bytes.NewReader(bytes.Repeat([]byte{byte(i + 1)}, 32))})
		if err != nil {
			t.Fatal(err)
		}
		got := keys()
		if r.Keys != step.keys || len(got) != step.keys || r.Dropped != step.dropped || got[1] != front ||
			!r.Until.Equal(now.Add(7*24*time.Hour)) {
			t.Errorf("rotation %d: %+v, keys %v, want %d with %d dropped and %q second, until a week after %v", i+1, r,
				got, step.keys, step.dropped, front, now)
		}
	}
	data, _ := os.ReadFile(name)
	if !strings.HasPrefix(string(data), "# mine\n# When the older keys were replaced: 2026-") ||
		!strings.HasSuffix(string(data), "\nOTHER=1") {
		t.Errorf(".env = %q, want the time of replacement below the first line, and the rest as it was", data)
	}
	if info, _ := os.Stat(name); info.Mode().Perm() != 0o600 {
		t.Errorf(".env has mode %v", info.Mode())
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".env?*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A line that the service takes keeps its indentation, its quotes and its line ending,
// with a new key in it.
func TestRotateKeysKeepsTheLinesForm(t *testing.T) {
	const bom, other = "\ufeff", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="
	for _, tt := range []struct{ env, before, between, after string }{
		{"SESSION_KEYS=" + aKey + "\n", "", "SESSION_KEYS=", "," + aKey + "\n"},
		{bom + "SESSION_KEYS=" + aKey + "\n", bom, "SESSION_KEYS=", "," + aKey + "\n"},
		{bom + "# mine\r\n  SESSION_KEYS='" + aKey + "' \r\nB=1", bom + "# mine\r\n", "  SESSION_KEYS='",
			"," + aKey + "'\r\nB=1"},
		{"SESSION_KEYS=\"" + aKey + ", " + other + "\\n\"\n", "", "SESSION_KEYS=\"", "," + aKey + "," + other + "\"\n"},
		{"#SESSION_KEYS=x\nSESSION_KEYS=\n", "#SESSION_KEYS=x\n", "SESSION_KEYS=", "\n"},
	} {
		dir := t.TempDir()
		name := filepath.Join(dir, ".env")
		if err := os.WriteFile(name, []byte(tt.env), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := RotateKeys(dir, RotateOptions{Random: bytes.NewReader(make([]byte, 32))}); err != nil {
			t.Errorf("%q: %v", tt.env, err)
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got := replacedLine.ReplaceAllString(string(data), "")
		if want := tt.before + tt.between + strings.Repeat("A", 43) + tt.after; got != want {
			t.Errorf("%q became\n%q, want\n%q", tt.env, got, want)
		}
	}
}

var replacedLine = regexp.MustCompile(`# When the older keys were replaced: .*\n`)

// A line that the service refuses is refused here, by its number and without
// its text, and stays as it is.
func TestRotateKeysRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ env, want string }{
		"no .env":             {"", "no .env"},
		"no line":             {"OTHER=1\n", "no line SESSION_KEYS="},
		"twice":               {"SESSION_KEYS=" + aKey + "\nA=1\nSESSION_KEYS=" + aKey + "\n", "twice"},
		"exported":            {"export SESSION_KEYS=" + aKey + "\n", "line 1 of .env"},
		"spaces around =":     {"A=1\nSESSION_KEYS = " + aKey + "\n", "line 2 of .env"},
		"no =":                {"SESSION_KEYS\n", "line 1 of .env"},
		"a comment behind it": {"SESSION_KEYS='" + aKey + "' # mine\n", "after the closing quote"},
		"no closing quote":    {"SESSION_KEYS=\"" + aKey + "\n", "closing quote"},
		"a space":             {"SESSION_KEYS=" + aKey + ", " + aKey + "\n", "line 1 of .env"},
		"a variable":          {"SESSION_KEYS=\"$MINE\"\n", "line 1 of .env"},
		"an escape":           {"SESSION_KEYS=\"" + aKey + "\\t\"\n", "line 1 of .env"},
		"not base64":          {"SESSION_KEYS=" + aKey + ",secret!\n", "key 2"},
		"short":               {"SESSION_KEYS=c2VjcmV0\n", "key 1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if tt.env != "" {
				os.WriteFile(filepath.Join(dir, ".env"), []byte(tt.env), 0o600)
			}
			_, err := RotateKeys(dir, RotateOptions{})
			if p := problem.List(err); len(p) != 1 || p[0].Hint == "" || !strings.Contains(p[0].Fact, tt.want) ||
				strings.Contains(p[0].Fact+p[0].Hint, "secret") {
				t.Errorf("RotateKeys: %v, want one problem about %q with a hint, and no secret in it", err, tt.want)
			}
			if data, _ := os.ReadFile(filepath.Join(dir, ".env")); string(data) != tt.env {
				t.Errorf(".env became %q", data)
			}
		})
	}
}
