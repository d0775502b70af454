package regenerate_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/templates"
)

// nextGenerator is one whose template has another text in one place of a file.
func nextGenerator(t *testing.T, name, old, new string) *render.Generator {
	t.Helper()
	changed := fstest.MapFS{}
	err := fs.WalkDir(templates.FS(), ".", func(at string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templates.FS(), at)
		if at == "service/"+name {
			if strings.Count(string(data), old) != 1 {
				t.Fatalf("%s does not hold %q once", at, old)
			}
			data = []byte(strings.Replace(string(data), old, new, 1))
		}
		changed[at] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return &render.Generator{Templates: changed, Version: "v1.1.0"}
}

// The owner renames a local variable, and the next generator uses it once more, in a
// statement of its own: by structure that is clean, and does not compile. Lines show
// it as the conflict that it is, and each remedy that the conflict names works.
func TestWhatDoesNotCompileIsMergedByLines(t *testing.T) {
	t.Parallel()
	const name = "internal/web/parts.go"
	next := nextGenerator(t, name, "\tvar parts []part\n", "\tvar parts []part\n\tparts = append(parts, part{})\n")
	dir := sample(t, engine(), "demo", "false")
	edit(t, dir, name, "\tvar parts []part\n", "\tvar made []part\n")
	edit(t, dir, name, "parts, problems = append(parts, p)", "made, problems = append(made, p)")
	edit(t, dir, name, "return parts, errors", "return made, errors")
	before := snapshot(t, dir)

	cs := plan(t, next, dir, changeset.Options{})
	if f := file(cs, name); f.Action != changeset.Merge || !f.Structural {
		t.Fatalf("%s, Structural %v, %+v", f.Action, f.Structural, f.Conflicts)
	}
	cs, _, err := regenerate.Apply(ctx, next, cs, nil, changeset.ApplyOptions{})
	f := file(cs, name)
	if err == nil || cs.Blocked() == nil || f.Action != changeset.Conflict || len(f.Conflicts) != 1 {
		t.Fatalf("by lines: %v, blocked %v, %s, %+v", err, cs.Blocked(), f.Action, f.Conflicts)
	}
	same(t, "after the conflict", snapshot(t, dir), before)
	if err := regenerate.TryChoices(ctx, next, cs, nil); err != nil {
		t.Fatal(err)
	}
	if c := cs.Choices; len(c) != 2 || !c[0].Compiles || c[1].Compiles {
		t.Errorf("choices %+v", c)
	}

	for _, tt := range []struct {
		choice changeset.ConflictChoice
		want   string
	}{{changeset.TakeOurs, "made"}, {changeset.WithMarkers, "<<<<<<<"}} {
		o := changeset.Options{ConflictsIn: map[string]changeset.ConflictChoice{name: tt.choice}}
		cs, r, err := regenerate.Apply(ctx, next, plan(t, next, dir, o), nil, changeset.ApplyOptions{})
		if err != nil || len(file(cs, name).Conflicts) != 1 ||
			!strings.Contains(read(t, dir, name), tt.want) {
			t.Fatalf("with %s: %+v, %v, %d conflicts, want 1 and %q in\n%s", tt.choice, r, err,
				len(file(cs, name).Conflicts), tt.want, read(t, dir, name))
		}
		if tt.choice == changeset.TakeOurs {
			if err := project.Undo(dir, next.Owned()); err != nil {
				t.Fatal(err)
			}
		}
	}
	// The markers, settled: the base of the next run is what the generator wrote.
	write(t, dir, name, strings.TrimPrefix(before[name], "-rw-r--r-- "))
	cs, r, err := regenerate.Apply(ctx, next, plan(t, next, dir, changeset.Options{}), nil, changeset.ApplyOptions{})
	if err != nil || r.Written > 0 || cs.Blocked() != nil {
		t.Errorf("settled: %+v, %v, blocked %v", r, err, cs.Blocked())
	}
}
