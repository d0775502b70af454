//go:build long

package regenerate_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// A project of the generator that gave everybody the tests of the engine, the
// suite of the stores, the memory store and rotateEvery.
func TestOlderProjectWithAllTests(t *testing.T) {
	fetchModules(t)
	t.Setenv("GOPROXY", "off")
	dir := older(t, "testdata/older/everything-off.zip")
	const edited = "internal/session/wire_test.go"
	edit(t, dir, edited, "package session_test\n", "package session_test\n\n// Mine.\n")
	g := engine()
	cs := plan(t, g, dir, changeset.Options{})
	if len(cs.Notes) != 1 || !strings.Contains(cs.Notes[0], "rotateEvery") {
		t.Errorf("notes %q, want one of the option that is gone", cs.Notes)
	}
	for _, f := range cs.Files {
		gone := strings.HasPrefix(f.Path, "internal/store/storetest/") ||
			strings.HasPrefix(f.Path, "internal/store/memory/") ||
			strings.HasPrefix(f.Path, "internal/session/") && strings.HasSuffix(f.Path, "_test.go")
		switch {
		case f.Path == edited && f.Action != changeset.Orphan, f.Path != edited && gone &&
			f.Action != changeset.Delete:
			t.Errorf("%s: %s", f.Path, f.Action)
		}
	}
	// The edited test needs helpers that are gone, so the run says so and writes nothing; its owner moves or drops it.
	before := snapshot(t, dir)
	if _, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err == nil {
		t.Error("a test without its helpers was left behind and nobody said so")
	}
	same(t, "refused", snapshot(t, dir), before)
	if err := os.Remove(filepath.Join(dir, edited)); err != nil {
		t.Fatal(err)
	}
	result, err := changeset.Apply(ctx, plan(t, g, dir, changeset.Options{}), changeset.ApplyOptions{})
	if err != nil || !result.Verified {
		t.Fatalf("Apply = %+v, %v", result, err)
	}
	for _, name := range []string{"internal/store/storetest", "internal/store/memory", edited} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	if strings.Contains(read(t, dir, "sessionseed.yaml"), "rotateEvery") {
		t.Error("sessionseed.yaml still has rotateEvery")
	}
	if drift, err := regenerate.Check(ctx, g, dir); err != nil || !drift.UpToDate() {
		t.Errorf("Check afterwards = %+v, %v", drift, err)
	}
}

// older unpacks a recorded project. Its base.zip, which would hold every file
// once more, is made again from the files.
func older(t *testing.T, name string) string {
	t.Helper()
	r, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	dir := t.TempDir()
	if err := os.CopyFS(dir, r); err != nil {
		t.Fatal(err)
	}
	var base bytes.Buffer
	w := zip.NewWriter(&base)
	for _, f := range r.File {
		e, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write([]byte(read(t, dir, f.Name))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, dir, ".sessionseed/base.zip", base.String())
	write(t, dir, ".env", "MINE=1\n")
	return dir
}
