package generator_test

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator"
)

// What an owner writes where README, .env.example, .gitignore and compose.yaml
// invite it conflicts with no option, in either direction.
func TestInvitedProseNeverConflicts(t *testing.T) {
	after := func(line string) func(string) string {
		return func(text string) string { return strings.Replace(text, line, line+"MINE\n", 1) }
	}
	atEnd := func(own string) func(string) string { return func(text string) string { return text + own } }
	edits := []struct {
		name, file string
		edit       func(string) string
	}{
		{"first paragraph", "README.md", after("# shop\n\n")},
		{"paragraph behind the first", "README.md", after("keeps its users logged in.\n\n")},
		{"section at the end", "README.md", atEnd("\n## Mine\n\nMINE\n")},
		{"section before the licence", "README.md", func(text string) string {
			return strings.Replace(text, "## Licence\n", "## Mine\n\nMINE\n\n## Licence\n", 1)
		}},
		{"route", "README.md", after("| `GET /readyz` | the session store answers too |\n")},
		{"route in the middle", "README.md", after("| `GET /me` | who is logged in; 401 for nobody |\n")},
		{"file", "README.md", after("| `internal/web/account.go` | who may log in: put your user table here |\n")},
		{"file at the end", "README.md", after("| `internal/ratelimit/` | limits for each client |\n")},
		{"variable", "README.md", after("| `DEV` | hints for front-end developers in the log | on for `http://localhost` |\n")},
		{"variable at the end", ".env.example", atEnd("MINE=\n")},
		{"variable in the middle", ".env.example", after("ACCOUNT_PASSWORD_HASH=\n")},
		{"ignored at the end", ".gitignore", atEnd("MINE\n")},
		{"ignored at the start", ".gitignore", func(text string) string { return "MINE\n\n" + text }},
		{"service", "compose.yaml", after("  # Services of your own:\n")},
		{"volume", "compose.yaml", atEnd("  mine: {} # MINE\n")},
		{"port", "compose.yaml", after("      - \"127.0.0.1:8080:8080\"\n")},
	}
	options := [][2]string{
		{"captcha.enabled", "false"}, {"captcha.pow", "true"}, {"demo", "false"}, {"ci", "false"}, {"tests", "all"}, {"csrfToken", "true"},
		{"maxSessions", "5"}, {"clearSiteData", "true"}, {"autoCommit", "false"}, {"rolling", "true"}, {"assurance", "aal1"}, {"trustProxy", "true"},
		{"store", "cookie"}, {"store", "sqlite"}, {"store", "postgres"}, {"store", "redis"}, {"publicURL", "https://api.example.com"},
		{"corsOrigins", "http://localhost:4000"}, {"key", "sid"}, {"maxAge", "1h"},
	}
	g := engine()
	for _, option := range options {
		d, _ := generator.Lookup(option[0])
		for _, way := range [][2]string{{d.Default(), option[1]}, {option[1], d.Default()}} {
			dir := sample(t, g, option[0], way[0])
			for _, e := range edits {
				before := read(t, dir, e.file)
				text := e.edit(before)
				if text == before {
					t.Fatalf("%s: %s has no such place", e.name, e.file)
				}
				write(t, dir, e.file, text)
			}
			cs := plan(t, g, dir, generator.UpdateOptions{}, option[0], way[1])
			for _, f := range cs.Files {
				for _, c := range f.Conflicts {
					t.Errorf("%s from %q to %q: %s line %d: yours\n%snew\n%s", option[0], way[0], way[1], f.Path, c.Line, c.Yours, c.New)
				}
				if f.Action == generator.Refuse {
					t.Errorf("%s from %q to %q: %s: %s", option[0], way[0], way[1], f.Path, f.Note)
				}
			}
		}
	}
}
