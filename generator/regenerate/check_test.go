package regenerate_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

func TestCheckFinds(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	edit(t, dir, "internal/config/defaults.go", "koa.sess", "mine")
	edit(t, dir, "README.md", "\n", "\n<<<<<<< yours\na\n=======\nb\n>>>>>>> new\n")
	drift, err := regenerate.Check(ctx, g, dir)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, f := range drift.Findings {
		codes[f.Code] = f.Path
	}
	if codes["tampered"] != "internal/config/defaults.go" || codes["markers"] != "README.md" || len(codes) != 2 {
		t.Errorf("findings = %+v", drift.Findings)
	}
	newer := engine()
	newer.Version = "v2.0.0"
	if drift, err := regenerate.Check(ctx, newer, sample(t, g)); err != nil || len(drift.Findings) != 1 ||
		drift.Findings[0].Code != "generator" {
		t.Errorf("by a newer generator: %+v, %v", drift, err)
	}
}

// Where check finds nothing, a run writes nothing: neither after conflicts that
// were settled nor after a file of a component went that had been kept.
func TestCheckFindsWhatARunWouldRecord(t *testing.T) {
	g := engine()
	dir := sample(t, g, "demo", "false")
	checked := func(what string, want ...string) {
		t.Helper()
		drift, err := regenerate.Check(ctx, g, dir)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range drift.Findings {
			got = append(got, f.Code)
		}
		if cs := plan(t, g, dir, changeset.Options{}); !slices.Equal(got, want) || len(got) == 0 && cs.Changed() {
			t.Errorf("%s: findings %+v, want %q, and a run changes %v", what, drift.Findings, want, cs.Changed())
		}
	}
	checked("at first")
	edit(t, dir, "internal/captcha/cut.go", "package captcha\n", "package captcha\n\n// Mine.\n")
	run(t, g, dir, changeset.Options{}, "captcha.enabled", "false")
	checked("with files that stay")
	os.RemoveAll(filepath.Join(dir, "internal", "captcha"))
	checked("without them", "state")
	run(t, g, dir, changeset.Options{})
	checked("recorded")

	edit(t, dir, ".env.example", "http://localhost:5173", "http://localhost:1")
	run(t, g, dir, changeset.Options{Conflicts: changeset.WithMarkers}, "corsOrigins", "http://localhost:3000")
	checked("with markers", "markers")
	write(t, dir, ".env.example", "# mine\n")
	checked("settled", "state")
	run(t, g, dir, changeset.Options{})
	checked("recorded again")
}

// A check that is cancelled has found nothing.
func TestCheckCancelled(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := regenerate.Check(cancelled, g, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("Check = %v, want context.Canceled", err)
	}
}
