//go:build long

package regenerate_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/state"
)

// randomValues are what TestRandomRounds sets options to, beside the values
// that the table itself names.
var randomValues = map[string][]string{
	"module":    {"example.com/shop", "example.org/other/v2", "x.test/m"},
	"publicURL": {"http://localhost:8080", "https://api.example.com"},
	"corsOrigins": {"http://localhost:5173", "https://app.example.com",
		"https://app.example.com,https://admin.example.com", ""},
	"corsHeaders":         {"X-Requested-With", "traceparent,baggage", ""},
	"key":                 {"koa.sess", "shop.sid", "sid"},
	"maxAge":              {"1h", "24h", "7d", "3600000", "session"},
	"absoluteMaxAge":      {"7d", "30d"},
	"assurance":           {"none", "aal1"},
	"maxSessions":         {"0", "5"},
	"domain":              {"", "example.com"},
	"path":                {"/", "/api"},
	"captcha.size":        {"3", "4", "6"},
	"captcha.fontSize":    {"46", "30"},
	"captcha.width":       {"120", "200"},
	"captcha.height":      {"30", "60"},
	"captcha.background":  {"", "#fff", "#F5F7FA"},
	"captcha.noise":       {"0", "1", "3"},
	"captcha.ignoreChars": {"", "A#\"\\:"},
	"captcha.charPreset":  {"", "abc0123"},
	"captcha.mathMin":     {"1", "2"},
	"captcha.mathMax":     {"9", "20"},
	"captcha.ttl":         {"5m", "90s"},
	"captcha.tries":       {"3", "5"},
}

// TestRandomRounds lets an owner edit a project at random places and changes
// options at random, by flags and by hand, in any direction. After each round
// the project compiles, or the round was refused and nothing was written; no
// edit is lost or doubled; and the next run finds nothing to do. Now and then go
// vet and go mod tidy are asked, too.
//
// It takes 6 rounds with a fixed seed, and with SESSIONSEED_ROUNDS=200 as many
// with a random one (give the test -timeout=3h then). To repeat a failure, set
// SESSIONSEED_SEED to what it printed, and SESSIONSEED_ROUNDS and -timeout as in
// the run that failed. The project's own tests run every 25th round.
func TestRandomRounds(t *testing.T) {
	fetchModules(t)
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOWORK", "off")
	t.Setenv("GOSUMDB", "off")
	rounds, seed := 6, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("SESSIONSEED_ROUNDS")); err == nil {
		rounds, seed = n, rand.Uint64()
	}
	if n, err := strconv.ParseUint(os.Getenv("SESSIONSEED_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("SESSIONSEED_SEED=%d", seed)
	o := &owner{t: t, g: engine(), r: rand.New(rand.NewPCG(seed, 0)), words: map[string]bool{},
		deleted: map[string]bool{}}
	o.dir = sample(t, o.g)
	outcomes := map[string]int{}
	for round := 1; round <= rounds && !t.Failed(); round++ {
		for range 1 + o.r.IntN(3) {
			o.edit()
		}
		set := o.options()
		outcome := o.round(set)
		kind, _, _ := strings.Cut(outcome, ":")
		outcomes[kind]++
		t.Logf("round %d: %q: %s", round, set, outcome)
		o.allThere()
		if round%25 == 0 {
			o.command("test", "./...")
		}
	}
	t.Logf("outcomes: %v", outcomes)
}

// options picks up to three options and new values for them, as pairs. One
// choice in ten may be one that does not go together.
func (o *owner) options() []string {
	present, err := state.CurrentOptions(o.dir, engine().Owned())
	if err != nil {
		o.t.Fatal(err)
	}
	table := slices.DeleteFunc(slices.Clone(options.Table()), options.Option.Added) // those do not change
	for {
		var set []string
		for _, i := range o.r.Perm(len(table))[:1+o.r.IntN(3)] {
			if o.r.IntN(2) == 0 { // these change most files
				name := []string{"store", "module", "captcha.enabled", "captcha.pow", "demo", "docker",
					"ci"}[o.r.IntN(7)]
				i = slices.IndexFunc(table, func(d options.Option) bool { return d.Name == name })
			}
			values := randomValues[table[i].Name]
			switch {
			case values != nil:
			case table[i].Kind == options.Bool:
				values = []string{"true", "false"}
			default:
				values = table[i].Values
			}
			values = slices.DeleteFunc(slices.Clone(values),
				func(v string) bool { return v == strings.Join(table[i].Get(&present), ",") })
			if !slices.Contains(set, table[i].Name) {
				set = append(set, table[i].Name, values[o.r.IntN(len(values))])
			}
		}
		wanted := present
		apply(o.t, &wanted, set...)
		if wanted.Validate() == nil || o.r.IntN(10) == 0 {
			return set
		}
	}
}

// round regenerates and says what came of it, details after a colon.
func (o *owner) round(set []string) string {
	t := o.t
	before := snapshot(t, o.dir)
	restore := func() {}
	wanted := slices.Clone(set)
	if len(set) > 0 && o.r.IntN(3) == 0 {
		// By hand. Where the run is refused, its owner takes it back.
		yaml := read(t, o.dir, "sessionseed.yaml")
		write(t, o.dir, "sessionseed.yaml", byHand(t, yaml, set))
		restore = func() { write(t, o.dir, "sessionseed.yaml", yaml) }
		before, set = snapshot(t, o.dir), nil
	}
	was, err := readState(o.dir)
	if err != nil {
		t.Fatal(err)
	}
	cs, err := regenerate.Plan(ctx, o.g, o.dir, changing(t, set...), changeset.Options{})
	if err != nil {
		if p := problem.List(err); len(p) == 0 || p[0].Option == "" {
			t.Errorf("plan: %v", err)
		}
		same(t, "refused options", snapshot(t, o.dir), before)
		restore()
		return "options refused"
	}
	outcome, choice := "applied", changeset.Stop
	if err := cs.Blocked(); err != nil {
		if len(cs.InConflict()) == 0 || len(cs.Refused()) > 0 {
			t.Errorf("blocked by other than a conflict: %v", err)
		}
		same(t, "in conflict", snapshot(t, o.dir), before)
		choice = []changeset.ConflictChoice{changeset.Stop, changeset.TakeOurs, changeset.TakeTheirs,
			changeset.WithMarkers}[o.r.IntN(4)]
		if choice == changeset.Stop {
			restore()
			return "conflict"
		}
		outcome = "applied with " + string(choice)
		cs = plan(t, o.g, o.dir, changeset.Options{Conflicts: choice}, set...)
	}
	var broken *changeset.CompileError
	result, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{})
	switch {
	case errors.As(err, &broken):
		same(t, "does not compile", snapshot(t, o.dir), before)
		restore()
		first, _, _ := strings.Cut(broken.Output, "\n")
		if len(broken.Orphans) == 0 && choice != changeset.TakeOurs && !o.mayBreak(broken.Output) {
			t.Errorf("does not compile: %s", broken.Output)
		}
		o.dropEdits(broken.Orphans)
		return fmt.Sprintf("does not compile: %s (%d orphans)", first, len(broken.Orphans))
	case err != nil:
		t.Errorf("apply: %v", err)
		return "failed"
	case !result.Verified && result.Written+result.Deleted > 0 && choice != changeset.WithMarkers:
		t.Errorf("not verified: %s", result.Unverified)
	}
	after := snapshot(t, o.dir)
	o.nothingLost(cs, was, before, after, choice)
	if choice == changeset.TakeTheirs {
		o.forgetLost(after)
	}
	if o.r.IntN(5) == 0 && cs.Changed() {
		o.undoAndRedo(before, after)
	}
	if choice == changeset.WithMarkers {
		o.settleMarkers()
		o.forgetLost(snapshot(t, o.dir))
		o.giveUpOrphans(cs)
		cs := plan(t, o.g, o.dir, changeset.Options{})
		if _, err := changeset.Apply(ctx, cs, regenerate.WithoutCompiling()); err != nil {
			t.Errorf("after the markers were settled: %v", err)
		}
		o.command("vet", "./...")
	} else {
		// The run has compiled the same files through an overlay; that the
		// disk holds them needs no proof each time.
		if o.r.IntN(5) == 0 {
			o.command("vet", "./...")
		}
		if before["go.mod"] != after["go.mod"] || before["go.sum"] != after["go.sum"] || o.r.IntN(10) == 0 {
			o.command("mod", "tidy", "-diff")
		}
	}
	o.saysTheOptions(wanted)
	if again := plan(t, o.g, o.dir, changeset.Options{}); again.Changed() || again.Blocked() != nil {
		t.Errorf("the second run changes %s (blocked: %v)", again.Diff(), again.Blocked())
	}
	return outcome
}

// saysTheOptions compares what the project's options are now with what was
// asked for, and drift with none.
func (o *owner) saysTheOptions(set []string) {
	present, err := state.CurrentOptions(o.dir, engine().Owned())
	if err != nil {
		o.t.Error(err)
		return
	}
	wanted := present
	apply(o.t, &wanted, set...)
	for i := 0; i < len(set); i += 2 {
		d, _ := options.Lookup(set[i])
		if got, want := d.Get(&present), d.Get(&wanted); !slices.Equal(got, want) {
			o.t.Errorf("%s is %q after the run, want %q", d.Name, got, want)
		}
	}
	if drift, err := regenerate.Check(ctx, o.g, o.dir); err != nil || !drift.UpToDate() {
		o.t.Errorf("Check after the run = %+v, %v", drift, err)
	}
}

// undoAndRedo goes back to before the run and forward again, byte for byte.
func (o *owner) undoAndRedo(before, after map[string]string) {
	for _, want := range []map[string]string{before, after} {
		if err := project.Undo(o.dir, engine().Owned()); err != nil {
			o.t.Errorf("Undo: %v", err)
		}
		same(o.t, "undo", snapshot(o.t, o.dir), want)
	}
}

func (o *owner) command(args ...string) {
	o.t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = o.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		o.t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// allThere reports edits that are lost or doubled, and files that came back
// although the owner deleted them.
func (o *owner) allThere() {
	files := snapshot(o.t, o.dir)
	for _, word := range slices.Sorted(maps.Keys(o.words)) {
		var in []string
		for name, text := range files {
			for range strings.Count(text, word) {
				if !strings.HasPrefix(name, ".sessionseed/") {
					in = append(in, name)
				}
			}
		}
		if len(in) != 1 {
			o.t.Errorf("edit %s is in %q, want one place", word, in)
		}
	}
	for name := range o.deleted {
		if _, ok := files[name]; ok {
			o.t.Errorf("%s came back", name)
		}
	}
}

// byHand edits values in a sessionseed.yaml as its owner would in an editor,
// with a remark behind each.
func byHand(t *testing.T, yaml string, set []string) string {
	for i := 0; i < len(set); i += 2 {
		section, key, nested := strings.Cut(set[i], ".")
		if !nested {
			section, key = "", set[i]
		}
		lines := strings.SplitAfter(yaml, "\n")
		in, done := "", false
		var out []string
		for n := 0; n < len(lines); n++ {
			line := lines[n]
			eol := line[len(strings.TrimRight(line, "\r\n")):]
			name, _, ok := strings.Cut(line, ":")
			switch {
			case !ok || strings.HasPrefix(strings.TrimSpace(line), "#"):
			case !strings.HasPrefix(name, " "):
				in = name
			}
			if done || !ok || strings.TrimSpace(name) != key || nested != (name != key) || nested && in != section {
				out = append(out, line)
				continue
			}
			done = true
			value := strconv.Quote(set[i+1])
			if set[i] == "corsOrigins" || set[i] == "corsHeaders" {
				value = "[" + set[i+1] + "]"
				for n+1 < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[n+1]), "- ") {
					n++
				}
			} else if path.Base(set[i+1]) == set[i+1] &&
				strings.Trim(set[i+1], "abcdefghijklmnopqrstuvwxyz0123456789") == "" && set[i+1] != "" {
				value = set[i+1]
			}
			out = append(out, name+":   "+value+" # by hand"+eol)
		}
		if !done {
			t.Fatalf("sessionseed.yaml has no %s:\n%s", set[i], yaml)
		}
		yaml = strings.Join(out, "")
	}
	return yaml
}

// readState reads the state of a project.
func readState(dir string) (*state.State, error) {
	p, err := project.Open(dir, engine().Owned())
	if err != nil {
		return nil, err
	}
	defer p.Close()
	return state.ReadState(p)
}
