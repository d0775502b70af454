package regenerate_test

import (
	"testing"

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
	if drift, err := regenerate.Check(ctx, newer, sample(t, g)); err != nil || len(drift.Findings) != 1 || drift.Findings[0].Code != "generator" {
		t.Errorf("by a newer generator: %+v, %v", drift, err)
	}
}
