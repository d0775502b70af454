package render

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/options"
)

// The living template's budget of marked regions: more of them would be a
// template language.
const maxRegions, maxRegionFiles = 8, 2

func TestRegionsStayWithinTheirBudget(t *testing.T) {
	begin := regexp.MustCompile(`(?m)^[ \t]*//sessionseed:if `)
	total, files := 0, []string{}
	err := fs.WalkDir(os.DirFS("../../templates/service"), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		src, err := os.ReadFile("../../templates/service/" + name)
		if n := len(begin.FindAll(src, -1)); n > 0 {
			total, files = total+n, append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > maxRegions || len(files) > maxRegionFiles {
		t.Errorf("%d regions in %q, want at most %d in at most %d files: use a file of its own, a value or an "+
			"import instead", total, files, maxRegions, maxRegionFiles)
	}
	t.Logf("%d regions in %q", total, files)
}

func TestEveryTemplateFileHasOneOwner(t *testing.T) {
	err := fs.WalkDir(os.DirFS("../../templates/service"), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			_, err = claimOf(name)
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
			fs.WalkDir(os.DirFS("../../templates/service"), ".", func(name string, e fs.DirEntry, err error) error {
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
	app, all := options.Defaults(), options.Defaults()
	all.Tests = "all"
	for _, c := range []struct {
		file     string
		app, all bool
	}{
		{"main_test.go", true, true}, {"demo/main_test.go", true, true}, {"internal/web/login_test.go", true, true},
		{"internal/config/config_test.go", true, true}, {"internal/web/asvs_engine_test.go", false, true},
		{"internal/config/x_engine_test.go", false, true}, {"internal/session/wire_test.go", false, true},
		{"internal/session/sessiontest/sessiontest.go", true, true},
		{"internal/session/sessiontest/sessiontest_test.go", false, true},
		{"internal/captcha/svg_test.go", false, true}, {"internal/captcha/testdata/AC39.svg", false, true},
		{"internal/cors/cors_test.go", false, true}, {"internal/ratelimit/ratelimit_test.go", false, true},
		{"internal/store/memory/memory_test.go", false, false}, {"internal/store/storetest/storetest.go", false, false},
		{"internal/store/memory/memory.go", true, true}, {"internal/store/sqlite/store.go", false, false},
	} {
		for o, want := range map[*options.Options]bool{&app: c.app, &all: c.all} {
			claim, err := claimOf(c.file)
			if err != nil {
				t.Errorf("%q: %v", c.file, err)
			} else if got := claim.in(o); got != want {
				t.Errorf("%q with tests: %s: %v, want %v", c.file, o.Tests, got, want)
			}
		}
	}
	for _, file := range []string{"internal/sms/sms.go", "internal/session/sessiontest/deep/x_test.go",
		"demo/testdata/x"} {
		if c, err := claimOf(file); err == nil {
			t.Errorf("%q is claimed by %s, want an error", file, c.owner.name)
		}
	}
}
