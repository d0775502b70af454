package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/options"
)

// The routes that are looked for in a service are those of the packages.
func TestRoutesOf(t *testing.T) {
	files, err := filepath.Glob("../../templates/service/internal/web/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates of the web package: %q, %v", files, err)
	}
	route := regexp.MustCompile(`mux\.Handle\("([A-Z]+ /[^"]+)"`)
	var want []string
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range route.FindAllStringSubmatch(string(data), -1) {
			probe := found[1] == "GET /healthz" || found[1] == "GET /readyz" // they are the service's
			if !strings.HasSuffix(name, "_test.go") && !probe {
				want = append(want, found[1])
			}
		}
	}
	o := options.Defaults()
	o.Store, o.Accounts, o.MagicLink, o.Captcha.PoW = "sqlite", "table", true, true
	got := routesOf(&o)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("routesOf = %q, the templates have %q", got, want)
	}
}
