package golden

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/tree"
)

// budgets are what a reader of an emitted project has to carry at most. None is
// met by longer lines: see TestLinesAreShort.
var budgets = []struct {
	name  string
	held  func(Combination) bool // the combinations that the limit is about
	count func(*tree.Tree) amount
	most  amount
}{
	{"whole project, the default", isDefault, whole, amount{files: 75, goFiles: 60, lines: 8000}},
	{"whole project, everything off", isOff, whole, amount{files: 75, goFiles: 40, lines: 5000}},
	{"internal/session without optional parts", isPlain, code("internal/session"), amount{12, 12, 1700}},
	{"internal/captcha without optional parts", isPlain, code("internal/captcha"), amount{9, 9, 1200}},
	{"internal/config without optional parts", isPlain, code("internal/config"), amount{5, 5, 600}},
	{"internal/web without optional parts", isPlain, code("internal/web"), amount{11, 11, 1200}},
}

// amount counts files, Go files, and lines of Go.
type amount struct{ files, goFiles, lines int }

func isOff(c Combination) bool {
	return c.Store == "memory" && c.Captcha == "off" && c.parts == parts{}
}

// isPlain leaves out what is a file only where it is chosen.
func isPlain(c Combination) bool {
	return c.Accounts == "env" && c.Captcha != "pow" && !c.CSRF && !c.List && !c.Clear && !c.Koa && c.Store != "cookie"
}

// isDefault is what new writes when nothing is chosen. Another store is a few files more.
func isDefault(c Combination) bool {
	return c.Store == "memory" && c.Captcha == "on" && c.parts == parts{Demo: true, Docker: true, CI: true}
}

// whole counts a project, its tests included; the machine state is not for reading.
func whole(tree *tree.Tree) amount {
	return counted(tree, func(string) bool { return true })
}

// code counts the Go files of one package without its tests.
func code(dir string) func(*tree.Tree) amount {
	return func(tree *tree.Tree) amount {
		return counted(tree, func(name string) bool {
			return path.Dir(name) == dir && path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go")
		})
	}
}

func counted(tree *tree.Tree, in func(name string) bool) (n amount) {
	for _, f := range texts(tree) {
		if !in(f.Path) {
			continue
		}
		n.files++
		if path.Ext(f.Path) == ".go" {
			n.goFiles++
			n.lines += bytes.Count(f.Data, []byte("\n"))
		}
	}
	return n
}

// TestBudgets holds the combinations to the budgets, and prints how much each
// has: those that a limit is about first, then the worst of the others.
func TestBudgets(t *testing.T) {
	all, list := trees(t), Combinations()
	for _, b := range budgets {
		held, rest := map[amount][]int{}, map[amount][]int{}
		for i, c := range list {
			n := b.count(all[i])
			if b.held(c) {
				held[n] = append(held[n], i)
			} else {
				rest[n] = append(rest[n], i)
			}
		}
		t.Logf("budget of %s: at most %v", b.name, b.most)
		for _, n := range descending(held) {
			t.Logf("budget: %v: %s", n, describe(list, held[n]))
			if n.files > b.most.files || n.goFiles > b.most.goFiles || n.lines > b.most.lines {
				t.Errorf("%s has %v, at most %v: %s", b.name, n, b.most, describe(list, held[n]))
			}
		}
		if len(held) == 0 {
			t.Errorf("%s: no combination is held to it", b.name)
		}
		for _, n := range descending(rest)[:min(1, len(rest))] {
			t.Logf("budget: of the others at most %v: %s", n, describe(list, rest[n]))
		}
	}
}

// TestAccountsBudget holds what accounts in a table add to a project that lists sessions, which they bring along.
func TestAccountsBudget(t *testing.T) {
	all := trees(t)
	for i, c := range Combinations() {
		if c.Accounts == "env" {
			continue
		}
		without := c
		without.Accounts, without.List = "env", true
		tree, err := rendered(without.Options())
		if err != nil {
			t.Fatal(err)
		}
		with, base := whole(all[i]), whole(tree)
		n := amount{with.files - base.files, with.goFiles - base.goFiles, with.lines - base.lines}
		t.Logf("budget: accounts add %v: %v", n, c)
		if most := (amount{goFiles: 18, lines: 2400}); n.goFiles > most.goFiles || n.lines > most.lines {
			t.Errorf("accounts add %v, at most %d files of Go with %d lines: %v", n, most.goFiles, most.lines, c)
		}
	}
}

func (n amount) String() string {
	return fmt.Sprintf("%d files, %d of Go with %d lines", n.files, n.goFiles, n.lines)
}

// descending orders amounts by lines.
func descending(m map[amount][]int) []amount {
	return slices.SortedFunc(maps.Keys(m), func(a, b amount) int {
		return cmp.Or(cmp.Compare(b.lines, a.lines), cmp.Compare(b.files, a.files), cmp.Compare(m[a][0], m[b][0]))
	})
}

// TestLinesAreShort: lines of the template end by column 120, with tabs of four.
func TestLinesAreShort(t *testing.T) {
	const most = 120
	err := fs.WalkDir(Engine.Templates, "service", func(name string, e fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".go" {
			return err
		}
		data, err := fs.ReadFile(Engine.Templates, name)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(data), "\n") {
			if n := len([]rune(strings.ReplaceAll(line, "\t", "    "))); n > most {
				t.Errorf("%s:%d has %d columns", name, i+1, n)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
