//go:build long && linux

package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/templates"
)

// Like TestHostileClone, with repositories that hold more than anybody would write.
func TestHostileCloneOfMuch(t *testing.T) {
	large, entry := map[string][]byte{}, make([]byte, 15<<20)
	for i := range 40 {
		large[fmt.Sprintf("internal/web/a%d.go", i)] = entry
	}
	largeZip, largeSum := zipped(t, large), hexSum(string(entry))
	runHostile(t, map[string]func(c clone){
		"an archive that unpacks to a lot": func(c clone) {
			var list []string
			for name := range large {
				list = append(list, fmt.Sprintf(`{"path": %q, "class": "scaffolded", "mode": "0644", "sha256": %q}`,
					name, largeSum))
			}
			c.remove(".sessionseed/base.txt")
			c.put(".sessionseed/base.zip", largeZip)
			c.put(".sessionseed/manifest.json", `{"schema": 1, "files": [`+strings.Join(list, ",")+`]}`)
		},
		"large files everywhere": func(c clone) {
			for _, f := range (&render.Generator{Templates: templates.FS()}).Owned().Files {
				if f.Path != "sessionseed.yaml" && f.Path != ".env" {
					c.put(f.Path, "")
					c.check(os.Truncate(c.path(f.Path), 15<<20))
				}
			}
		},
		"lines without end": func(c clone) {
			var b strings.Builder
			for i := 0; b.Len() < 1<<20-20; i++ {
				fmt.Fprintf(&b, "%x\n", i*i)
			}
			for _, name := range []string{"main.go", "README.md", ".gitignore", "go.sum", "internal/web/parts.go"} {
				c.put(name, b.String())
			}
			c.replace(".sessionseed/base.txt", "-- README.md --\n", "-- README.md --\n"+b.String())
		},
	})
}
