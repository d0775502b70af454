package golden

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
	"github.com/sessionseed/sessionseed/golden/scratch"
)

func TestMain(m *testing.M) {
	scratch.InMemory()
	m.Run()
}

var update = flag.Bool("update", false, "record the golden projects and the manifest again")

const howToUpdate = "if the change is meant, run: go test ./golden -update, and read the diff"

// recorded are the projects whose every difference from the template is kept.
func recorded() map[string]options.Options {
	everything := Combination{"sqlite", "pow", "link", parts{true, true, true, true, true, true, true, true}}.Options()
	everything.Renew, everything.TrustProxy, everything.MaxAge = true, true, 5*24*everything.MaxAge/24
	everything.Captcha.Color, everything.Captcha.Size = true, 5

	crossSite := Combination{"cookie", "on", "env", parts{Demo: true, Docker: true, CI: true}}.Options()
	crossSite.PublicURL = "https://api.shop.example"
	crossSite.CORSOrigins = []string{"https://shop-front.example", "https://admin.shop-front.example"}
	crossSite.Assurance = "aal2"
	crossSite.ApplyAssurance(func(string) bool { return true })

	added := Combination{"memory", "on", "env", parts{}}.Options()
	added.Into = "internal"

	return map[string]options.Options{
		"added":          added,
		"everything-on":  everything,
		"everything-off": Combination{"memory", "off", "env", parts{}}.Options(),
		"cross-site":     crossSite,
		"postgres":       Combination{"postgres", "off", "table", parts{Docker: true}}.Options(),
		"redis":          Combination{"redis", "off", "env", parts{Docker: true}}.Options(),
	}
}

// archive is what is particular to a tree, as txtar. A file that is the template's
// but for import paths has a line in the comment; one that differs is there as a
// diff from the template, and one that has no template, whole. The machine state
// is left out: it says the same once more.
func archive(t *testing.T, whole *tree.Tree) []byte {
	a := &txtar.Archive{}
	var same []string
	for _, f := range texts(whole) {
		switch from := template(t, f.Path); {
		case from == nil:
			a.Files = append(a.Files, txtar.File{Name: f.Path, Data: f.Data})
		case bytes.Equal(from, f.Data):
			same = append(same, f.Path)
		default:
			a.Files = append(a.Files, txtar.File{Name: f.Path + " (diff)", Data: changeset.Diff(f.Path, from, f.Data)})
		}
	}
	a.Comment = fmt.Appendf(nil, "What an emitted project is beside its template. Recorded by go test ./golden "+
		"-update; do not edit.\n\n"+
		"As the template, import paths apart:\n\n%s\n\n", strings.Join(same, "\n"))
	return txtar.Format(a)
}

// texts are the files of a tree except for the machine state.
func texts(whole *tree.Tree) []tree.File {
	return slices.DeleteFunc(slices.Clone(whole.Files), func(f tree.File) bool { return f.Class == tree.StateFile })
}

// template is the file of the living template with its imports in the project's
// module, or nil.
func template(t *testing.T, name string) []byte {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if data, known := repointed[name]; known {
		return data
	}
	data, err := fs.ReadFile(Engine.Templates, "service/"+name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if data != nil && path.Ext(name) == ".go" {
		data = bytes.ReplaceAll(data, []byte("github.com/sessionseed/sessionseed/templates/service"), []byte(module))
		if data, err = format.Source(data); err != nil { // it sorts the imports
			t.Fatal(err)
		}
	}
	repointed[name] = data
	return data
}

var (
	mu        sync.Mutex
	repointed = map[string][]byte{}
)

func TestRecordedProjects(t *testing.T) {
	for name, o := range recorded() {
		whole, err := rendered(o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := archive(t, whole)
		if again := txtar.Format(txtar.Parse(got)); !bytes.Equal(got, again) {
			t.Errorf("%s does not survive txtar: let no line look like a file marker", name)
		}
		for _, f := range txtar.Parse(got).Files {
			if want, ok := whole.File(f.Name); ok && !bytes.Equal(f.Data, want.Data) {
				t.Errorf("%s: %s does not survive txtar: end it with a newline, and let no line of it look like a "+
					"file marker", name, f.Name)
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

// trees are the projects of all combinations.
func trees(t *testing.T) []*tree.Tree {
	t.Helper()
	list, err := allTrees()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// rendered is the project of o with its machine state.
func rendered(o options.Options) (*tree.Tree, error) {
	whole, err := Engine.Render(o, Secrets)
	if err != nil {
		return nil, err
	}
	return state.WithState(whole, o, Engine.Version, Engine.Owned())
}

var allTrees = sync.OnceValues(func() ([]*tree.Tree, error) {
	all := Combinations()
	list, problems := make([]*tree.Tree, len(all)), make([]error, len(all))
	var wg sync.WaitGroup
	limit := make(chan bool, runtime.GOMAXPROCS(0))
	for i, c := range all {
		limit <- true
		wg.Go(func() {
			defer func() { <-limit }()
			if list[i], problems[i] = rendered(c.Options()); problems[i] != nil {
				problems[i] = fmt.Errorf("%v: %w", c, problems[i])
			}
		})
	}
	wg.Wait()
	return list, errors.Join(problems...)
})

// maxContents is how many contents of one path have a line each in the manifest.
// A path with more, which many options shape, has a line for each store.
const maxContents = 12

// TestManifest records which combinations have which files with which contents.
func TestManifest(t *testing.T) {
	all := Combinations()
	contents := map[string]map[string][]int{} // path -> content -> combinations
	for i, whole := range trees(t) {
		for _, f := range texts(whole) {
			content := fmt.Sprintf("%.8x", sha256.Sum256(f.Data))
			if bytes.Equal(f.Data, template(t, f.Path)) {
				content = "as the template"
			}
			if contents[f.Path] == nil {
				contents[f.Path] = map[string][]int{}
			}
			contents[f.Path][content] = append(contents[f.Path][content], i)
		}
	}

	var b strings.Builder
	b.WriteString("# What each file is in all combinations. Recorded by go test ./golden -update; do not edit.\n#\n")
	b.WriteString("# path: content: which combinations. The content is a hash, or that of the template but " +
		"for import\n")
	b.WriteString("# paths; of a file with very many contents it is a hash over those of one store. Combinations are\n")
	b.WriteString("# named by as few choices as tell them apart from the others of this list, or by number.\n#\n")
	for i, c := range all {
		fmt.Fprintf(&b, "# %3d %v\n", i, c)
	}
	b.WriteString("#\n")
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		lines := contents[name]
		if len(lines) > maxContents {
			lines = byStore(all, lines)
		}
		for _, content := range slices.SortedFunc(maps.Keys(lines),
			func(x, y string) int { return slices.Compare(lines[x], lines[y]) }) {
			fmt.Fprintf(&b, "%s: %s: %s\n", name, content, describe(all, lines[content]))
		}
	}
	compare(t, "manifest.txt", []byte(b.String()))
}

// byStore joins the contents of one path into one for each store.
func byStore(all []Combination, contents map[string][]int) map[string][]int {
	of := make([]string, len(all))
	for content, list := range contents {
		for _, i := range list {
			of[i] = content
		}
	}
	joined, stores := map[string]string{}, map[string][]int{}
	for i, content := range of {
		if content != "" {
			joined[all[i].Store] += content + "\n"
			stores[all[i].Store] = append(stores[all[i].Store], i)
		}
	}
	lines := map[string][]int{}
	for store, list := range stores {
		key := fmt.Sprintf("%d combinations %.8x", len(list), sha256.Sum256([]byte(joined[store])))
		lines[key] = append(lines[key], list...)
		slices.Sort(lines[key])
	}
	return lines
}

// describe names a set of combinations by the choices that they alone share, or
// where there are none, by number.
func describe(all []Combination, set []int) string {
	allowed := make([][]string, len(all[0].choices())) // nil: any
	for _, i := range set {
		for d, choice := range all[i].choices() {
			if !slices.Contains(allowed[d], choice) {
				allowed[d] = append(allowed[d], choice)
			}
		}
	}
	exact := func() bool {
		var described []int
		for i, c := range all {
			fits := true
			for d, choice := range c.choices() {
				fits = fits && (allowed[d] == nil || slices.Contains(allowed[d], choice))
			}
			if fits {
				described = append(described, i)
			}
		}
		return slices.Equal(described, set)
	}
	if !exact() {
		return numbers(set)
	}
	var words []string
	for d, choices := range allowed {
		if allowed[d] = nil; exact() {
			continue
		}
		allowed[d] = choices
		word, _, _ := strings.Cut(choices[0], "=")
		for i, choice := range choices {
			_, value, _ := strings.Cut(choice, "=")
			word += map[bool]string{true: "=", false: ","}[i == 0] + value
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		return "all"
	}
	return strings.Join(words, " ")
}

// numbers writes ascending numbers as ranges: 0-3 7.
func numbers(list []int) string {
	var b strings.Builder
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		if b.WriteString(strconv.Itoa(list[i])); j > i {
			fmt.Fprintf(&b, "-%d", list[j])
		}
		i = j + 1
	}
	return b.String()
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
	if !bytes.Equal(got, want) {
		t.Errorf("%s\n%s", howToUpdate, changeset.Diff("golden/"+name, want, got))
	}
}
