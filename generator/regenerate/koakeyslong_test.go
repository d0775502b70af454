//go:build long

package regenerate_test

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// What an owner wrote about the sessions of their Koa service outlives other changes, the end of the move, and a second
// one; what they did not write goes with the option.
func TestKoaKeysOnAndOff(t *testing.T) {
	g := engine()
	dir := sample(t, g, "demo", "false")
	apply := func(set ...string) *changeset.Set {
		t.Helper()
		cs := plan(t, g, dir, changeset.Options{}, set...)
		if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || !r.Verified {
			t.Fatalf("%s: Apply = %+v, %v", set, r, err)
		}
		return cs
	}
	const (
		owners = "internal/web/fromkoa.go"
		part   = "internal/web/koa.go"
	)
	before := snapshot(t, dir)
	if notes := strings.Join(apply("koaKeys", "true").Warnings, " "); !strings.Contains(notes, "KOA_KEYS") {
		t.Errorf("the warnings do not name KOA_KEYS: %q", notes)
	}
	apply("koaKeys", "false")
	for name, text := range snapshot(t, dir) {
		if before[name] != text && !strings.HasPrefix(name, ".sessionseed/") {
			t.Errorf("on and off has changed %s", name)
		}
	}

	apply("koaKeys", "true")
	edit(t, dir, owners, `fields["user"]`, `fields["account"]`)
	edit(t, dir, owners, "\treturn nil, nil\n", "\treturn fields, a.store.Ping(context.Background())\n")
	edit(t, dir, "internal/web/session.go", "\tUsername string", "\tCart []string `json:\"cart\"`\n\tUsername string")
	edit(t, dir, owners, "s.Username = user", "s.Username = user\n\t_ = json.Unmarshal(fields[\"cart\"], &s.Cart)")
	edited := read(t, dir, owners)
	apply("csrfToken", "true", "captcha.enabled", "false", "module", "example.com/other")
	if got := read(t, dir, owners); got != edited {
		t.Errorf("%s was changed:\n%s", owners, got)
	}
	cs := apply("koaKeys", "false")
	if f := file(cs, part); f.Action != changeset.Delete {
		t.Errorf("%s: %s", part, f.Action)
	}
	if got := read(t, dir, owners); got != edited {
		t.Errorf("%s was changed:\n%s", owners, got)
	}
	if drift, err := regenerate.Check(ctx, g, dir); err != nil || !drift.UpToDate() {
		t.Errorf("Check = %+v, %v", drift, err)
	}
	if cs, err := regenerate.Plan(ctx, g, dir, changing(t, "koaKeys", "true"), changeset.Options{}); err != nil {
		t.Fatal(err)
	} else if f := file(cs, owners); f.Action == changeset.Refuse {
		t.Errorf("a second time: %s, %s", f.Action, f.Note)
	}
	apply("koaKeys", "true")
	if got := read(t, dir, owners); got != edited {
		t.Errorf("%s was changed by the second move:\n%s", owners, got)
	}
}
