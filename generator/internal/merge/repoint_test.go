package merge

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

const storeBase = `package a

import (
	"fmt"

	"example.com/app/internal/config"
	store "example.com/app/internal/store/memory"
)

func f() {
	fmt.Println(config.URL)
	store.Open(config.URL)
}
`

// The name of an import is its owner's, and its path the generator's: one that
// the owner gave another name is re-pointed under that name.
func TestRepointedUnderAnotherName(t *testing.T) {
	theirs := edit(t, storeBase, "store/memory", "store/sqlite")
	const line = "\tstore \"example.com/app/internal/store/memory\"\n"
	for _, tt := range []struct{ name, imported, called, want string }{
		{"its own name", line, "store.Open", "\tstore \"example.com/app/internal/store/sqlite\"\n"},
		{"another name", "\tsessionstore \"example.com/app/internal/store/memory\" // mine\n", "sessionstore.Open",
			"\tsessionstore \"example.com/app/internal/store/sqlite\" // mine\n"},
		{"no name", "\t\"example.com/app/internal/store/memory\"\n", "memory.Open",
			"\tmemory \"example.com/app/internal/store/sqlite\"\n"},
		{"a dot", "\t. \"example.com/app/internal/store/memory\"\n", "Open",
			"\t. \"example.com/app/internal/store/sqlite\"\n"},
		{"a package of the owner's under its name", "\tstore \"example.com/app/internal/mine\"\n", "store.Open",
			"\tstore \"example.com/app/internal/mine\"\n"},
		{"one that is called so by its path", "\t\"example.com/app/internal/store\"\n", "store.Open",
			"\t\"example.com/app/internal/store\"\n"},
		{"one whose path does not give its name", "\t\"example.com/app/internal/store\"\n", "opened.Open",
			"\t\"example.com/app/internal/store\"\n"},
		{"beside its own name", line + "\tother \"example.com/app/internal/store/memory\"\n",
			"other.Close()\n\tstore.Open",
			"\tother \"example.com/app/internal/store/memory\"\n\tstore \"example.com/app/internal/store/sqlite\"\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ours := edit(t, storeBase, line, tt.imported, "store.Open", tt.called)
			want := edit(t, ours, tt.imported, tt.want)
			r, err := File("main.go", []byte(storeBase), []byte(ours), []byte(theirs), textmerge.Options{})
			if err != nil || len(r.Conflicts) > 0 || string(r.Data) != want {
				t.Errorf("File: %v, conflicts %v\n%s", err, r.Conflicts,
					textmerge.Unified("want", "got", []byte(want), r.Data))
			}
		})
	}
}

// A comment behind an import stays with its name when the path is another one.
func TestCommentBehindARepointedImport(t *testing.T) {
	const line = "\tstore \"example.com/app/internal/store/memory\""
	ours := edit(t, storeBase, line, line+" // mine: see \"notes\"")
	r, err := File("a.go", []byte(storeBase), []byte(ours), []byte(edit(t, storeBase, "store/memory", "store/sqlite")),
		textmerge.Options{})
	if want := edit(t, ours, "store/memory", "store/sqlite"); err != nil || len(r.Conflicts) > 0 ||
		string(r.Data) != want {
		t.Errorf("File = %v, %d conflicts\n%s\nwant\n%s", err, len(r.Conflicts), r.Data, want)
	}
}

// What one side imports follows the path that the other gave to a module, and no
// import is there twice.
func TestImportsFollowARename(t *testing.T) {
	const base = "package a\n\nimport (\n\t\"example.com/m/a\"\n\t\"example.com/m/b\"\n)\n\nvar x = " +
		"a.A\n\nvar y = b.B\n"
	theirs := strings.ReplaceAll(base, "example.com/m/", "example.com/m/v2/")
	tests := []struct{ name, ours, theirs, want string }{
		{"one added below the old path",
			edit(t, base, "\t\"example.com/m/b\"\n", "\t\"example.com/m/b\"\n\t\"example.com/m/c\"\n", "var y = b.B",
				"var y = b.B\n\nvar z = c.C"), theirs,
			edit(t, theirs, "\t\"example.com/m/v2/b\"\n", "\t\"example.com/m/v2/b\"\n\t\"example.com/m/v2/c\"\n",
				"var y = b.B", "var y = b.B\n\nvar z = c.C")},
		{"one that ours no longer needs",
			edit(t, base, "\t\"example.com/m/b\"\n", "\t\"example.com/own/b\"\n"), theirs,
			edit(t, theirs, "\t\"example.com/m/v2/b\"\n", "\t\"example.com/own/b\"\n")},
		{"both renamed it",
			edit(t, theirs, "a.A", "a.X"), edit(t, theirs, "b.B", "b.Y"), edit(t, theirs, "a.A", "a.X", "b.B", "b.Y")},
		{"both added one, ours by its name",
			edit(t, base, "import (\n", "import (\n\tz \"example.com/z\"\n", "a.A", "a.A + z.Z"),
			edit(t, base, "import (\n", "import (\n\t\"example.com/z\"\n", "b.B", "b.B + z.Z"),
			edit(t, base, "import (\n", "import (\n\tz \"example.com/z\"\n", "a.A", "a.A + z.Z", "b.B", "b.B + z.Z")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := File("a.go", []byte(base), []byte(gofmted(t, tt.ours)), []byte(gofmted(t, tt.theirs)),
				textmerge.Options{})
			if want := gofmted(t, tt.want); err != nil || len(got.Conflicts) > 0 || string(got.Data) != want {
				t.Errorf("File = %v, %d conflicts\n%s\nwant\n%s", err, len(got.Conflicts), got.Data, want)
			}
		})
	}
}
