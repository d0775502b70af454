package regenerate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
)

// join puts the code of one file of a project behind that of another, as an
// owner does: one package clause, one import declaration.
func join(t *testing.T, dir, from, to, as string) {
	t.Helper()
	parts := func(name string) (head, imports, tail string) {
		head, rest, ok := strings.Cut(read(t, dir, name), "import (\n")
		imports, tail, closed := strings.Cut(rest, "\n)\n")
		if !ok || !closed {
			t.Fatalf("%s has no import declaration in parentheses", name)
		}
		return head, imports, tail
	}
	head, imports, tail := parts(to)
	_, more, rest := parts(from)
	for line := range strings.SplitSeq(more, "\n") {
		if !strings.Contains(imports, line) {
			imports += "\n" + line
		}
	}
	os.Remove(filepath.Join(dir, from))
	os.Remove(filepath.Join(dir, to))
	write(t, dir, as, head+"import (\n"+imports+"\n)\n"+tail+rest)
}

// What the owner joined is changed where it stands now, and not brought back
// beside it.
func TestJoinedFiles(t *testing.T) {
	t.Parallel()
	const parts, routes = "internal/web/parts.go", "internal/web/routes.go"
	for _, as := range []string{routes, "internal/web/all.go"} {
		t.Run(as, func(t *testing.T) {
			g := engine()
			dir := sample(t, g, "demo", "false")
			join(t, dir, parts, routes, as)
			compiled := func(o changeset.Options, set ...string) *changeset.Set {
				t.Helper()
				cs := plan(t, g, dir, o, set...)
				if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || len(set) > 0 &&
					!r.Verified {
					t.Fatalf("Apply = %+v, %v", r, err)
				}
				return cs
			}
			compiled(changeset.Options{}, "captcha.enabled", "false")
			if text := read(t, dir, as); strings.Contains(text, "captcha") {
				t.Error("the joined file still speaks of the captcha")
			}
			compiled(changeset.Options{}, "captcha.enabled", "true")
			cs := compiled(changeset.Options{Restore: true})
			if f := file(cs, parts); f.Action != changeset.DeletedByOwner || !strings.Contains(f.Note, as) {
				t.Errorf("%s with --restore: %s, %q", parts, f.Action, f.Note)
			}
			if _, err := os.Stat(filepath.Join(dir, parts)); err == nil {
				t.Errorf("%s came back", parts)
			}
		})
	}
}

// A part that is switched off and on again comes whole, but for what its owner
// has kept in another file.
func TestJoinedFileComesBack(t *testing.T) {
	t.Parallel()
	g := engine()
	dir := sample(t, g, "demo", "false", "captcha.pow", "true")
	const kept, moved = "internal/web/captcha.go", "internal/web/pow.go"
	join(t, dir, moved, kept, kept)
	cs := plan(t, g, dir, changeset.Options{}, "captcha.enabled", "false", "captcha.pow", "false")
	if _, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{NoVerify: true}); err != nil {
		t.Fatal(err)
	}
	cs = plan(t, g, dir, changeset.Options{}, "captcha.enabled", "true", "captcha.pow", "true")
	if f := file(cs, moved); f.Action != changeset.DeletedByOwner || !strings.Contains(f.Note, kept) {
		t.Errorf("%s: %s, %q", moved, f.Action, f.Note)
	}
	if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || !r.Verified {
		t.Errorf("Apply = %+v, %v", r, err)
	}
}
