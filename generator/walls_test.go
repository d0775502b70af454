package generator_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/go/packages"
)

const repo = "github.com/sessionseed/sessionseed"

// Imports run one way: main -> cli -> {regenerate, doctor} -> {render, changeset, sources} ->
// state -> project -> {options, tree} -> policy -> internal, and nothing of the living template
// imports the generator. Libraries with one user stay with that user.
func TestImportsRunOneWay(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports, Dir: ".."}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	// What each package of ours may import of ours, below generator/ where nothing
	// else is said; templates/service is held by prefix.
	allowed := map[string]string{
		"":          "generator/cli",
		"templates": "", "golden/postgrestest": "", "golden/scratch": "",
		"golden":    "generator/options generator/tree generator/render generator/state templates",
		"generator": "",
		"options":   "policy internal/problem internal/yamledit",
		"policy":    "internal/problem",
		"tree":      "",
		"render":    "options policy tree internal/goedit internal/gomod",
		"project":   "tree internal/problem",
		"state":     "project options tree internal/problem internal/dotenv internal/gomod",
		"changeset": "options tree project state internal/problem internal/goedit internal/gomod internal/merge " +
			"internal/textmerge internal/compile",
		"sources": "project tree internal/goedit internal/gomod",
		"regenerate": "sources changeset options policy tree render project state internal/problem internal/dotenv " +
			"internal/gomod " +
			"internal/goedit internal/merge internal/textmerge internal/compile",
		"doctor": "policy internal/problem",
		"cli": "cli/ask changeset options policy tree render project state regenerate doctor doctor/launch " +
			"internal/problem internal/dotenv " +
			"internal/compile internal/mount " +
			"internal/merge internal/textmerge templates",
		"cli/ask":            "",
		"cli/ask/ttytest":    "",
		"doctor/zoo":         "policy doctor",
		"doctor/launch":      "policy",
		"internal/compile":   "",
		"internal/dotenv":    "internal/problem",
		"internal/goedit":    "internal/textmerge",
		"internal/gomod":     "internal/textmerge",
		"internal/mount":     "",
		"internal/merge":     "internal/textmerge internal/treemerge internal/goimport internal/gomod",
		"internal/goimport":  "internal/textmerge",
		"internal/textmerge": "",
		"internal/treemerge": "internal/textmerge",
		"internal/problem":   "",
		"internal/yamledit":  "",
	}
	// What accounts need besides the driver.
	outsideAccounts := map[string][]string{
		"templates/service/internal/account": {"golang.org/x/crypto/argon2", "golang.org/x/term",
			"golang.org/x/text/unicode/norm"},
		"templates/service/internal/mail": {"github.com/wneessen/go-mail"},
	}
	onlyIn := map[string]string{
		"github.com/spf13/cobra":                    "cli",
		"github.com/spf13/cobra/doc":                "cli",
		"github.com/spf13/pflag":                    "cli",
		"github.com/AlecAivazis/survey/v2":          "cli/ask",
		"github.com/AlecAivazis/survey/v2/core":     "cli/ask",
		"github.com/AlecAivazis/survey/v2/terminal": "cli/ask",
		"golang.org/x/net/publicsuffix":             "policy",
		"golang.org/x/tools/go/packages":            "internal/compile",
		"golang.org/x/tools/go/ast/astutil":         "internal/goedit",
	}
	short := func(path string) string {
		path = strings.TrimPrefix(strings.TrimPrefix(path, repo), "/")
		return strings.TrimPrefix(path, "generator/")
	}
	for _, p := range pkgs {
		from := short(p.PkgPath)
		living := from == "templates/service" || strings.HasPrefix(from, "templates/service/")
		may, known := allowed[from]
		if !known && !living && !strings.HasPrefix(from, "e2e") {
			t.Errorf("package %q is not in the plan of imports: add it to this test and to docs/layout.md", from)
		}
		for imported := range p.Imports {
			if place, ok := onlyIn[imported]; ok && place != from {
				t.Errorf("%s imports %s, which only %s may", from, imported, place)
			}
			_, ours := strings.CutPrefix(imported, repo+"/")
			to := short(imported)
			switch {
			case !ours:
				outside := strings.Contains(strings.SplitN(imported, "/", 2)[0], ".")
				if living && outside && !strings.HasPrefix(from, "templates/service/internal/store/") &&
					!slices.Contains(outsideAccounts[from], imported) {
					t.Errorf("%s imports %s: only stores and what outsideAccounts lists may import other modules",
						from, imported)
				}
			case living:
				if !strings.HasPrefix(to, "templates/service") {
					t.Errorf("the living template %s imports %s", from, to)
				}
			case known && !containsWord(may, to) && !containsWord(may, "generator/"+to):
				t.Errorf("%s imports %s, which the plan of imports does not allow", from, to)
			}
		}
	}
}

func containsWord(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

// Lines end by column 120, tabs counting four.
func TestLinesAreShort(t *testing.T) {
	err := filepath.WalkDir(".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		text, err := os.ReadFile(name)
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			columns := utf8.RuneCountInString(strings.ReplaceAll(strings.TrimRight(line, "\n"), "\t", "    "))
			if columns > 120 {
				t.Errorf("%s:%d has %d columns", name, n, columns)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A room is read in one sitting: at most 1,700 lines without its tests. The commands
// and the doctor, which are many small subjects, may be larger.
func TestRoomsAreSmall(t *testing.T) {
	lines := map[string]int{}
	err := filepath.WalkDir(".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		lines[filepath.ToSlash(filepath.Dir(name))] += strings.Count(string(text), "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) < 20 {
		t.Fatalf("%d rooms are found", len(lines))
	}
	for room, n := range lines {
		if n > 1700 && room != "cli" && room != "doctor" {
			t.Errorf("%s has %d lines", room, n)
		}
	}
}
