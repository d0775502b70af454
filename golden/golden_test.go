package golden

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sessionseed/sessionseed/generator"
)

var update = flag.Bool("update", false, "record the golden projects and the manifest anew")

const howToUpdate = "if the change is meant, run: go test ./golden -update, and read the diff"

// recorded are the projects kept whole.
func recorded() map[string]generator.Options {
	everything := Combination{"sqlite", "pow", true, true, true}.Options()
	everything.Renew, everything.TrustProxy, everything.MaxAge = true, true, 5*24*everything.MaxAge/24
	everything.Captcha.Color, everything.Captcha.Size = true, 5
	everything.CSRFToken, everything.ClearSiteData = true, true
	everything.MaxSessions = 5

	crossSite := Combination{"cookie", "on", true, true, true}.Options()
	crossSite.PublicURL = "https://api.shop.example"
	crossSite.CORSOrigins = []string{"https://shop-front.example", "https://admin.shop-front.example"}
	crossSite.Assurance = "aal2"
	crossSite.ApplyAssurance(func(string) bool { return true })

	return map[string]generator.Options{
		"everything-on":  everything,
		"everything-off": Combination{"memory", "off", false, false, false}.Options(),
		"cross-site":     crossSite,
		"postgres":       Combination{"postgres", "off", false, true, false}.Options(),
		"redis":          Combination{"redis", "off", false, true, false}.Options(),
	}
}

// archive is tree as txtar. A third party's minified script is its vendor's to
// test and is recorded by hash only. The zip of the machine state is left out:
// it holds the same files once more, in bytes that depend on Go's compressor.
func archive(tree *generator.Tree) []byte {
	a := &txtar.Archive{Comment: []byte("A whole emitted project. Recorded by go test ./golden -update; do not edit.\n")}
	for _, f := range texts(tree) {
		data := f.Data
		if byHash(f.Path) {
			data = fmt.Appendf(nil, "sha256 %x\n", sha256.Sum256(f.Data))
		}
		a.Files = append(a.Files, txtar.File{Name: f.Path, Data: data})
	}
	return txtar.Format(a)
}

func byHash(path string) bool { return strings.HasSuffix(path, ".min.js") }

// texts are the files of tree but for the zip.
func texts(tree *generator.Tree) []generator.File {
	return slices.DeleteFunc(slices.Clone(tree.Files), func(f generator.File) bool { return strings.HasSuffix(f.Path, ".zip") })
}

func TestRecordedProjects(t *testing.T) {
	for name, o := range recorded() {
		tree, err := Engine.Render(o, Secrets)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := archive(tree)
		for i, f := range txtar.Parse(got).Files {
			if want := texts(tree)[i]; f.Name != want.Path || !byHash(f.Name) && !bytes.Equal(f.Data, want.Data) {
				t.Fatalf("%s: %s does not survive txtar: end it with a newline, and let no line look like a file marker", name, want.Path)
			}
		}
		compare(t, name+".txtar", got)
	}
	files, err := filepath.Glob("*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := recorded()[strings.TrimSuffix(f, ".txtar")]; !ok {
			t.Errorf("%s is recorded, but no test makes it: remove it", f)
		}
	}
}

// TestManifest holds a line per distinct content of each path over all
// combinations, with the combinations that have it as a row of marks.
func TestManifest(t *testing.T) {
	all := Combinations()
	trees := make([]*generator.Tree, len(all))
	var wg sync.WaitGroup
	limit := make(chan bool, 4)
	for i, c := range all {
		wg.Go(func() {
			limit <- true
			defer func() { <-limit }()
			var err error
			if trees[i], err = Engine.Render(c.Options(), Secrets); err != nil {
				t.Errorf("%v: %v", c, err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}

	var b strings.Builder
	b.WriteString("# A hash per file of all combinations. Recorded by go test ./golden -update; do not edit.\n#\n")
	for i, c := range all {
		fmt.Fprintf(&b, "# %3d %v\n", i, c)
	}
	b.WriteString("#\n# path, sha256, and a mark for each combination that has this content\n")
	has := map[string][]byte{}
	for i, tree := range trees {
		for _, f := range texts(tree) {
			key := fmt.Sprintf("%s %.8x", f.Path, sha256.Sum256(f.Data))
			if has[key] == nil {
				has[key] = bytes.Repeat([]byte("."), len(all))
			}
			has[key][i] = 'x'
		}
	}
	keys := []string{}
	for key := range has {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		fmt.Fprintf(&b, "%s %s\n", key, has[key])
	}
	compare(t, "manifest.txt", []byte(b.String()))
}

func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Errorf("%v; %s", err, howToUpdate)
		return
	}
	if bytes.Equal(got, want) {
		return
	}
	file := ""
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if strings.HasPrefix(g[i], "-- ") {
			file = g[i] + ": "
		}
		if g[i] != w[i] {
			t.Errorf("golden/%s line %d: %sgot\n\t%s\nwant\n\t%s\n%s", name, i+1, file, g[i], w[i], howToUpdate)
			return
		}
	}
	t.Errorf("golden/%s has %d lines, want %d; %s", name, len(g), len(w), howToUpdate)
}
