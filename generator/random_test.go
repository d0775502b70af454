package generator_test

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator"
)

// randomValues are what TestRandomRounds sets options to.
var randomValues = map[string][]string{
	"module":          {"example.com/shop", "example.org/other/v2", "x.test/m"},
	"publicURL":       {"http://localhost:8080", "https://api.example.com"},
	"corsOrigins":     {"http://localhost:5173", "https://app.example.com", ""},
	"key":             {"koa.sess", "shop.sid", "sid"},
	"maxAge":          {"1h", "24h", "7d", "session"},
	"rolling":         {"true", "false"},
	"renew":           {"true", "false"},
	"httpOnly":        {"true", "false"},
	"assurance":       {"none", "aal1"},
	"rotateEvery":     {"0", "10m", "1h"},
	"maxSessions":     {"0", "5"},
	"csrfToken":       {"true", "false"},
	"clearSiteData":   {"true", "false"},
	"store":           {"memory", "cookie", "sqlite", "postgres", "redis"},
	"trustProxy":      {"true", "false"},
	"captcha.enabled": {"true", "false"},
	"captcha.pow":     {"true", "false"},
	"captcha.size":    {"3", "4", "6"},
	"demo":            {"true", "false"},
	"docker":          {"true", "false"},
	"ci":              {"true", "false"},
}

// TestRandomRounds lets an owner edit a project at random places and changes
// options at random, in any direction. After each round the project builds, or
// the round was refused and nothing was written; each edit is there once; and
// the next run finds nothing to do.
//
// It takes 6 rounds with a fixed seed, SESSIONSEED_ROUNDS=200 as many with a
// random one (give the test -timeout=1h then), and SESSIONSEED_SEED=n repeats
// what a failure printed. The project's tests run every 25th round.
func TestRandomRounds(t *testing.T) {
	t.Setenv("GOFLAGS", "-trimpath")
	t.Setenv("GOPROXY", "off")
	rounds, seed := 6, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("SESSIONSEED_ROUNDS")); err == nil {
		rounds, seed = n, rand.Uint64()
	}
	if n, err := strconv.ParseUint(os.Getenv("SESSIONSEED_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("SESSIONSEED_SEED=%d", seed)
	o := &owner{t: t, g: engine(), r: rand.New(rand.NewPCG(seed, 0))}
	o.dir = sample(t, o.g)
	outcomes := map[string]int{}
	for round := 1; round <= rounds && !t.Failed(); round++ {
		for range 1 + o.r.IntN(2) {
			o.edit()
		}
		set := o.options()
		outcome := o.round(set)
		outcomes[outcome]++
		t.Logf("round %d: %q: %s", round, set, outcome)
		o.allThere()
		if round%25 == 0 {
			o.command("test", "./...")
		}
	}
	t.Logf("outcomes: %v", outcomes)
}

// owner edits a project and keeps account of it.
type owner struct {
	t     *testing.T
	g     *generator.Generator
	r     *rand.Rand
	dir   string
	edits []string // a word for each, which stands in the project once
}

// options picks up to three options and new values for them, as pairs.
func (o *owner) options() []string {
	names := []string{}
	for _, d := range generator.Table() {
		if randomValues[d.Name] != nil {
			names = append(names, d.Name)
		}
	}
	var set []string
	for _, i := range o.r.Perm(len(names))[:o.r.IntN(4)] {
		values := randomValues[names[i]]
		set = append(set, names[i], values[o.r.IntN(len(values))])
	}
	return set
}

// round regenerates and says what came of it.
func (o *owner) round(set []string) string {
	t := o.t
	before := snapshot(t, o.dir)
	cs, err := o.g.PlanUpdate(ctx, o.dir, changing(t, set...), generator.UpdateOptions{})
	if err != nil {
		if p := generator.Problems(err); len(p) == 0 || p[0].Option == "" {
			t.Errorf("plan: %v", err)
		}
		same(t, "refused options", snapshot(t, o.dir), before)
		return "options refused"
	}
	outcome := "applied"
	if err := cs.Blocked(); err != nil {
		if len(cs.InConflict()) == 0 || len(cs.Refused()) > 0 {
			t.Errorf("blocked by other than a conflict: %v", err)
		}
		same(t, "in conflict", snapshot(t, o.dir), before)
		if o.r.IntN(2) == 0 {
			return "conflict"
		}
		outcome = "applied, the owner's lines won"
		cs = plan(t, o.g, o.dir, generator.UpdateOptions{Conflicts: generator.TakeOurs}, set...)
	}
	var broken *generator.CompileError
	result, err := o.g.Apply(ctx, cs, generator.ApplyOptions{})
	switch {
	case errors.As(err, &broken) && len(broken.Orphans) > 0:
		same(t, "does not compile", snapshot(t, o.dir), before)
		return "does not compile without " + strings.Join(broken.Orphans, ", ")
	case err != nil:
		t.Errorf("apply: %v", err)
		if broken != nil {
			t.Error(broken.Output)
		}
		return "failed"
	case !result.Verified && result.Written+result.Deleted > 0:
		t.Errorf("not verified: %s", result.Unverified)
	}
	o.command("build", "./...")
	o.command("vet", "./...")
	if again := plan(t, o.g, o.dir, generator.UpdateOptions{}); again.Changed() || again.Blocked() != nil {
		t.Errorf("the second run changes %s (blocked: %v)", again.Diff(), again.Blocked())
	}
	return outcome
}

func (o *owner) command(args ...string) {
	cmd := exec.Command("go", args...)
	cmd.Dir = o.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		o.t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// edit changes one file at a random place so that it means the same as before.
func (o *owner) edit() {
	word := fmt.Sprintf("mine-%d-", len(o.edits))
	o.edits = append(o.edits, word)
	if o.r.IntN(5) == 0 {
		module, _, _ := strings.Cut(strings.TrimPrefix(read(o.t, o.dir, "go.mod"), "module "), "\n")
		write(o.t, o.dir, fmt.Sprintf("mine/f%d.go", len(o.edits)),
			fmt.Sprintf("package mine\n\nimport \"%s/internal/config\"\n\n// %s\nvar _ = config.CookieName\n", module, word))
		return
	}
	var names []string
	for name := range snapshot(o.t, o.dir) {
		if !strings.HasPrefix(name, ".sessionseed/") && comment(name, "") != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for {
		name := names[o.r.IntN(len(names))]
		text := read(o.t, o.dir, name)
		if strings.Contains(text, "DO NOT EDIT") || strings.Contains(text, "// Output:") {
			continue
		}
		lines := strings.SplitAfter(text, "\n")
		at := o.r.IntN(len(lines))
		line := comment(name, word)
		edited := strings.Join(slices.Insert(lines, at, line+"\n"), "")
		if path.Ext(name) == ".go" && !isComment(edited, line) {
			continue
		}
		write(o.t, o.dir, name, edited)
		o.t.Logf("edit %s at %s:%d", word, name, at+1)
		return
	}
}

// comment is a line with a word for a kind of file, empty for other kinds.
func comment(name, word string) string {
	switch base := path.Base(name); {
	case path.Ext(name) == ".go":
		return "// " + word
	case slices.Contains([]string{".env", ".env.example", ".gitignore", ".dockerignore", "sessionseed.yaml"}, base):
		return "# " + word
	case base == "README.md":
		return word
	}
	return ""
}

// isComment reports whether a line of Go source is a comment, not a part of a
// string.
func isComment(src, line string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ParseComments)
	if err != nil {
		return false
	}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Text == line {
				return true
			}
		}
	}
	return false
}

// allThere reports edits that are lost or doubled.
func (o *owner) allThere() {
	var all strings.Builder
	for name, text := range snapshot(o.t, o.dir) {
		if !strings.HasPrefix(name, ".sessionseed/") {
			all.WriteString(text)
		}
	}
	for _, word := range o.edits {
		if n := strings.Count(all.String(), word); n != 1 {
			o.t.Errorf("edit %s is there %d times", word, n)
		}
	}
}
