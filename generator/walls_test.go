package generator

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const (
	repo = "github.com/sessionseed/sessionseed"
	// The living template's budget of marked regions: more of them would be a
	// template language.
	maxRegions, maxRegionFiles = 8, 2
)

// Imports run one way: main -> cli -> {generator, doctor} -> {policy, goedit,
// merge}. Libraries with one user stay with that user.
func TestImportsRunOneWay(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports | packages.NeedFiles, Dir: ".."}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	// What each package of ours may import of ours; templates/service is
	// looked at by prefix.
	allowed := map[string]string{
		"":                          "generator/cli",
		"templates":                 "",
		"golden":                    "generator templates",
		"generator":                 "generator/policy generator/internal/goedit generator/internal/merge",
		"generator/policy":          "",
		"generator/internal/goedit": "",
		"generator/internal/merge":  "",
		"generator/doctor":          "generator/policy",
		"generator/doctor/zoo":      "generator/policy generator/doctor",
		"generator/doctor/launch":   "generator/policy",
		"generator/cli":             "generator generator/policy generator/doctor generator/doctor/launch generator/internal/merge generator/cli/ask templates",
		"generator/cli/ask":         "",
		"generator/cli/ask/ttytest": "",
	}
	onlyIn := map[string]string{
		"github.com/spf13/cobra": "generator/cli", "github.com/spf13/cobra/doc": "generator/cli",
		"github.com/AlecAivazis/survey/v2": "generator/cli/ask", "github.com/AlecAivazis/survey/v2/core": "generator/cli/ask",
		"github.com/AlecAivazis/survey/v2/terminal": "generator/cli/ask",
		"golang.org/x/net/publicsuffix":             "generator/policy",
	}
	for _, p := range pkgs {
		from := strings.TrimPrefix(strings.TrimPrefix(p.PkgPath, repo), "/")
		living := from == "templates/service" || strings.HasPrefix(from, "templates/service/")
		may, known := allowed[from]
		if !known && !living && !strings.HasPrefix(from, "e2e") {
			t.Errorf("package %q is not in the plan of imports: add it to this test and to DESIGN's flow", from)
		}
		for imported := range p.Imports {
			if place, ok := onlyIn[imported]; ok && place != from {
				t.Errorf("%s imports %s, which only %s may", from, imported, place)
			}
			to, ours := strings.CutPrefix(imported, repo+"/")
			switch {
			case !ours:
				if living && strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") && !strings.HasPrefix(from, "templates/service/internal/store/") {
					t.Errorf("%s imports %s: only a store's package may import its driver", from, imported)
				}
			case living:
				if !strings.HasPrefix(to, "templates/service") {
					t.Errorf("the living template %s imports %s", from, to)
				}
			case known && !containsWord(may, to):
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

func TestRegionsStayWithinTheirBudget(t *testing.T) {
	begin := regexp.MustCompile(`(?m)^[ \t]*//sessionseed:if `)
	total, files := 0, []string{}
	err := fs.WalkDir(os.DirFS("../templates/service"), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		src, err := os.ReadFile("../templates/service/" + name)
		if n := len(begin.FindAll(src, -1)); n > 0 {
			total, files = total+n, append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > maxRegions || len(files) > maxRegionFiles {
		t.Errorf("%d regions in %q, want at most %d in at most %d files: use a file of its own, a value or an import instead", total, files, maxRegions, maxRegionFiles)
	}
	t.Logf("%d regions in %q", total, files)
}

func TestEveryTemplateFileHasOneOwner(t *testing.T) {
	o := Defaults()
	err := fs.WalkDir(os.DirFS("../templates/service"), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			_, err = travels(name, &o)
		}
		if err != nil {
			t.Error(err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range components {
		for _, claim := range c.claims {
			found := false
			fs.WalkDir(os.DirFS("../templates/service"), ".", func(name string, e fs.DirEntry, err error) error {
				found = found || err == nil && !e.IsDir() && claimed(claim, name)
				return nil
			})
			if !found {
				t.Errorf("component %s claims %q, which matches no file", c.name, claim)
			}
		}
	}
}

func TestWhichTestFilesTravel(t *testing.T) {
	app, all := Defaults(), Defaults()
	all.Tests = "all"
	for _, c := range []struct {
		file     string
		app, all bool
	}{
		{"main_test.go", true, true}, {"demo/main_test.go", true, true}, {"internal/web/login_test.go", true, true},
		{"internal/config/config_test.go", true, true}, {"internal/web/asvs_engine_test.go", false, true},
		{"internal/config/x_engine_test.go", false, true}, {"internal/session/wire_test.go", false, true},
		{"internal/session/sessiontest/sessiontest.go", true, true}, {"internal/session/sessiontest/sessiontest_test.go", false, true},
		{"internal/captcha/svg_test.go", false, true}, {"internal/captcha/testdata/AC39.svg", false, true},
		{"internal/cors/cors_test.go", false, true}, {"internal/ratelimit/ratelimit_test.go", false, true},
		{"internal/store/memory/memory_test.go", false, false}, {"internal/store/storetest/storetest.go", false, false},
		{"internal/store/memory/memory.go", true, true}, {"internal/store/sqlite/store.go", false, false},
	} {
		for o, want := range map[*Options]bool{&app: c.app, &all: c.all} {
			if got, err := travels(c.file, o); err != nil || got != want {
				t.Errorf("travels(%q, tests: %s) = %v, %v, want %v", c.file, o.Tests, got, err, want)
			}
		}
	}
	for _, file := range []string{"internal/mail/mail.go", "internal/session/sessiontest/deep/x_test.go", "demo/testdata/x"} {
		if in, err := travels(file, &all); err == nil {
			t.Errorf("travels(%q) = %v, want an error", file, in)
		}
	}
}
