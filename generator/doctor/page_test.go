package doctor

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/policy"
)

func TestContentSecurityPolicy(t *testing.T) {
	const page, target = "https://app.example.com", "https://api.example.com/v1/code"
	tests := []struct {
		policy string
		want   bool
	}{
		{"", true},
		{"script-src 'self'", true},
		{"default-src *", true},
		{"default-src 'none'", false},
		{"default-src 'self'", false},
		{"default-src 'none'; connect-src https:", true},
		{"connect-src https://api.example.com", true},
		{"connect-src HTTPS://API.example.com", true},
		{"connect-src api.example.com", true},
		{"connect-src http://api.example.com", true},
		{"connect-src *.example.com", true},
		{"connect-src *.com", true},
		{"connect-src *.api.example.com", false},
		{"connect-src https://api.example.com:8443", false},
		{"connect-src https://api.example.com:*", true},
		{"connect-src https://api.example.com/v1/", true},
		{"connect-src https://api.example.com/v2/", false},
		{"connect-src wss:", false},
		{"connect-src 'none'; connect-src *", false},
		{"img-src *; default-src 'self'", false},
	}
	for _, tt := range tests {
		by, sources := cspSources(tt.policy, "connect-src")
		if got := by == "" || cspAllows(sources, page, target); got != tt.want {
			t.Errorf("policy %q allows %s: %t, want %t", tt.policy, target, got, tt.want)
		}
	}
	if _, sources := cspSources("connect-src 'self'", "connect-src"); !cspAllows(sources, "http://localhost:8080",
		"http://localhost:8080/code") {
		t.Error("'self' does not allow the page's own origin")
	}
}

func TestCompare(t *testing.T) {
	page, _, err := policy.ParseOrigin("https://app.example.com")
	if err != nil {
		t.Fatal(err)
	}
	want := page.String()
	for got, says := range map[string]string{
		want + "/": "trailing slash", "https://APP.example.com": "upper case",
		"http://app.example.com":      "https or http",
		want + ":8443":                "another port",
		"https://www.app.example.com": "www.", "null": "sandboxed", "": "nothing",
		"https://evil.example": "character 9",
	} {
		lines := compare(page, got)
		if !strings.Contains(lines[2], says) {
			t.Errorf("compare(%q) says %q, want %q", got, lines[2], says)
		}
		at := strings.IndexByte(lines[2], '^')
		for _, line := range lines[:2] {
			if at > len(line) {
				t.Errorf("compare(%q) points outside of %q", got, line)
			}
		}
		if at < len(lines[0]) && at < len(lines[1]) && lines[0][at] == lines[1][at] {
			t.Errorf("compare(%q) points at equal characters:\n%s", got, strings.Join(lines, "\n"))
		}
	}
}
