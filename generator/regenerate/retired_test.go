package regenerate_test

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// A sessionseed.yaml of an earlier generator may say rotateEvery, which is gone.
func TestRetiredOption(t *testing.T) {
	for _, c := range []struct{ line, refused string }{
		{"rotateEvery: 0\n", ""}, {"rotateEvery: 0s # never\n", ""}, {"rotateEvery:\n", ""},
		{"rotateEvery: \"0\"\n", ""},
		{"rotateEvery: 1h\n", "remove the line"}, {"rotateEvery: often\n", "remove the line"},
		{"rotateEvery: [0]\n", "remove the line"},
	} {
		g := engine()
		dir := sample(t, g)
		before := read(t, dir, "sessionseed.yaml")
		edit(t, dir, "sessionseed.yaml", "\n# Sessions that a user", "\n"+c.line+"\n# Mine.\n# Sessions that a user")
		cs, err := regenerate.Plan(ctx, g, dir, nil, changeset.Options{})
		if c.refused != "" {
			p := problem.List(err)
			if len(p) != 1 || !strings.Contains(p[0].Fact, "rotateEvery is not an option") ||
				!strings.Contains(p[0].Hint, c.refused) {
				t.Errorf("%q: %v with the hints %q, want a refusal that hints %q", c.line, err, hintsOf(err), c.refused)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%q: %v", c.line, err)
		}
		if len(cs.Notes) != 1 || !strings.Contains(cs.Notes[0], "rotateEvery") {
			t.Errorf("%q: notes %q", c.line, cs.Notes)
		}
		if _, err := changeset.Apply(ctx, cs, regenerate.WithoutCompiling()); err != nil {
			t.Fatal(err)
		}
		after := read(t, dir, "sessionseed.yaml")
		if strings.Contains(after, "rotateEvery") || strings.Replace(after, "# Mine.\n", "", 1) == after {
			t.Errorf("%q: sessionseed.yaml afterwards is\n%s\nbefore it was\n%s", c.line, after, before)
		}
	}
}
