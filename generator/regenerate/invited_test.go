package regenerate_test

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/tree"
	"github.com/sessionseed/sessionseed/golden"
)

// What an owner writes where the project invites it conflicts with no option, in
// either direction: regenerate applies, the result compiles, and the edit is in
// it. Here each edit meets many options at once; TestEveryInvitedEdit has each edit meet
// each option, and TestPairsOfInvitedEdits draws pairs of edits.
func TestInvitedEdits(t *testing.T) {
	s := newEditSuite(t)
	runs := map[string][]editRun{} // one project on disk for those of a change
	var flips []flip
	for _, f := range []flip{s.several(t, false, "store", "sqlite"), s.several(t, true, "store", "postgres")} {
		back := f.back()
		back.to = append(back.to, "module", "example.com/shop")
		flips = append(flips, f, back)
	}
	for n, edits := range s.bundles() {
		f := flips[n%len(flips)]
		runs[f.key()] = append(runs[f.key()], editRun{edits, f})
	}
	for key, runs := range runs {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			p := s.project(t, runs[0].flip)
			for _, r := range runs {
				p.runEach(t, r.edits, r.flip)
			}
		})
	}
}

// several changes as many options as go together from the defaults: those that
// take something away, or all others.
func (s *editSuite) several(t testing.TB, more bool, set ...string) flip {
	o := options.Defaults()
	o.Module = "example.com/shop"
	apply(t, &o, set...)
	for _, f := range s.flips {
		d, _ := options.Lookup(f.option)
		wanted := o
		if f.base != nil || (f.to[1] != "false") != more || slices.Contains(set, f.option) ||
			d.Set(&wanted, f.to[1]) != nil || wanted.Validate() != nil {
			continue
		}
		o, set = wanted, append(set, f.to...)
	}
	return flip{"several", nil, set}
}

// editSuite is what all runs share.
type editSuite struct {
	g       *render.Generator
	edits   []ownersEdit
	flips   []flip
	checker *golden.Checker // of what was generated; to fork

	mu       sync.Mutex
	runs     int
	outcomes map[string]int // kind of outcome, known or not
	seen     map[int]int    // index in knownOutcomes -> runs
}

func newEditSuite(t *testing.T) *editSuite {
	s := &editSuite{g: engine().Remembering(), flips: flips(t), checker: golden.NewChecker(t),
		outcomes: map[string]int{}, seen: map[int]int{}}
	dir := sample(t, s.g)
	s.edits = ownersEdits(t, readProject(t, dir))
	s.checker.Check(treeOf(readProject(t, dir)))
	t.Cleanup(func() {
		t.Logf("%d edits, %d changes of options, %d runs: %v", len(s.edits), len(s.flips), s.runs, s.outcomes)
	})
	return s
}

// editRun is some edits and one change of an option.
type editRun struct {
	edits []ownersEdit
	flip  flip
}

// editedProject is a project on disk that edits are made in, and taken back.
type editedProject struct {
	s       *editSuite
	dir     string
	fresh   pages
	checker *golden.Checker
}

func (s *editSuite) project(t *testing.T, f flip) *editedProject {
	dir := sample(t, s.g, f.base...)
	s.mu.Lock()
	defer s.mu.Unlock()
	return &editedProject{s, dir, readProject(t, dir), s.checker.Fork()}
}

// edited is the project with those of the edits that it has a place for, and their names.
func (p *editedProject) edited(edits []ownersEdit) (edited pages, made []string) {
	edited = p.fresh.clone()
	for _, e := range edits {
		if try := edited.clone(); e.edit(try) {
			edited, made = try, append(made, e.name)
		}
	}
	return edited, made
}

// run makes the edits, plans the change of options, judges the result and
// takes the edits back.
func (p *editedProject) run(t *testing.T, r editRun) {
	edited, made := p.edited(r.edits)
	if len(made) == 0 {
		return // of a part that this project has not
	}
	p.write(t, p.fresh, edited)
	outcome := p.outcome(t, edited, r.flip)
	p.write(t, edited, p.fresh)
	p.s.judge(t, made, r.flip, outcome)
}

// runEach is run for edits that each change files of their own, so that one run
// is one for each of them, and for each change of an option. When it fails they are
// run one by one.
func (p *editedProject) runEach(t *testing.T, edits []ownersEdit, flips ...flip) {
	edited, made := p.edited(edits)
	p.write(t, p.fresh, edited)
	var failed []flip
	for _, f := range flips {
		if p.outcome(t, edited, f) != "" {
			failed = append(failed, f)
			continue
		}
		p.s.mu.Lock()
		p.s.runs += len(made)
		p.s.outcomes["clean"] += len(made)
		p.s.mu.Unlock()
	}
	p.write(t, edited, p.fresh)
	for _, f := range failed {
		for _, e := range edits {
			p.run(t, editRun{[]ownersEdit{e}, f})
		}
	}
}

// bundles puts the edits together that change different files.
func (s *editSuite) bundles() [][]ownersEdit {
	var list [][]ownersEdit
	var taken []map[string]bool
	for _, e := range s.edits {
		files, i := slices.Collect(maps.Keys(e.files)), 0
		for i < len(list) && slices.ContainsFunc(files, func(name string) bool { return taken[i][name] }) {
			i++
		}
		if i == len(list) {
			list, taken = append(list, nil), append(taken, map[string]bool{})
		}
		list[i] = append(list[i], e)
		maps.Copy(taken[i], e.files)
	}
	return list
}

// write brings the disk from one state to another.
func (p *editedProject) write(t *testing.T, from, to pages) {
	for name := range from {
		if _, ok := to[name]; !ok {
			if err := os.Remove(filepath.Join(p.dir, filepath.FromSlash(name))); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, text := range to {
		if old, ok := from[name]; !ok || old != text {
			write(t, p.dir, name, text)
		}
	}
}

// outcome says what regenerate makes of the edited project: "" when it applies,
// the result compiles and all that is the owner's is in it; else the kind, a
// colon and the details.
func (p *editedProject) outcome(t *testing.T, edited pages, f flip) string {
	edited = edited.clone()
	cs, err := regenerate.Plan(ctx, p.s.g, p.dir, changing(t, f.to...), changeset.Options{})
	if err != nil {
		return "plan: " + err.Error()
	}
	if conflicts := cs.InConflict(); len(conflicts) > 0 {
		c := conflicts[0]
		var b strings.Builder
		for _, h := range c.Conflicts {
			fmt.Fprintf(&b, "\nline %d, yours:\n%slast:\n%snew:\n%s", h.Line, h.Yours, h.Last, h.New)
		}
		return "conflict: " + c.Path + b.String()
	}
	if err := cs.Blocked(); err != nil {
		return "refused: " + err.Error()
	}
	result, code := edited.clone(), false
	for _, c := range cs.Files {
		if data, there := regenerate.After(c); there {
			result[c.Path] = string(data)
		} else {
			delete(result, c.Path)
		}
		switch { // values that change no name and no type cannot break what compiled
		case path.Ext(c.Path) != ".go":
		case c.Action == changeset.Add, c.Action == changeset.Delete:
			code = true
		case c.Action != changeset.Unchanged && c.Action != changeset.Keep && c.Class != tree.Generated:
			code = true
		}
	}
	for _, p := range []pages{edited, result} { // an edit is checked once, whatever the path
		for name, text := range p {
			p[name] = strings.ReplaceAll(text, otherModule, "example.com/shop")
		}
	}
	if code {
		if problems := p.checker.Check(treeOf(result)); len(problems) > 0 {
			return "broken: " + strings.Join(problems, "\n")
		}
	}
	var lost []string
	was, is := ownersLines(edited), ownersLines(result)
	for line, n := range was {
		if is[line] != n {
			lost = append(lost, fmt.Sprintf("%q is there %d times, want %d", line, is[line], n))
		}
	}
	if len(lost) > 0 {
		slices.Sort(lost)
		return "lost: " + strings.Join(lost, "\n")
	}
	return ""
}

// knownOutcome is what becomes of an edit that the project does not invite, with
// some option at least.
type knownOutcome struct {
	edit string // how its name begins
	kind string // of the outcome
	why  string
}

var knownOutcomes = []knownOutcome{
	{"uninvited: README: row behind that of", "conflict", "the line merge takes neighbouring rows for one place"},
	{"uninvited: a blank line behind each block", "broken", "a file that its owner formatted stays when its part goes"},
	{"uninvited: each parameter on a line", "broken", "as above"},
	{"uninvited: imports in one group", "broken", "as above"},
	{"uninvited: imports as goimports groups them", "broken", "as above"},
	{"uninvited: type renamed, ", "broken", "new parts have the old name, and edited files of old parts stay"},
	{"uninvited: file renamed, internal/web/captcha.go", "lost", "as it should be: it goes with its part"},
}

func (k knownOutcome) is(edits []string, kind string) bool {
	return k.kind == kind &&
		slices.ContainsFunc(edits, func(e string) bool { return strings.HasPrefix(e, k.edit) })
}

// judge takes an outcome for known, or reports it.
func (s *editSuite) judge(t *testing.T, edits []string, f flip, outcome string) {
	kind, _, _ := strings.Cut(outcome, ":")
	known := slices.IndexFunc(knownOutcomes, func(k knownOutcome) bool { return k.is(edits, kind) })
	s.mu.Lock()
	s.runs++
	switch {
	case outcome == "":
		s.outcomes["clean"]++
	case known >= 0:
		s.outcomes[kind+", known"]++
		s.seen[known]++
	default:
		s.outcomes[kind]++
	}
	s.mu.Unlock()
	if outcome != "" && known < 0 {
		t.Errorf("%q, %s: %s", edits, f.key(), outcome)
	}
}

// ownersLines counts the lines that bear the owner's word, wherever they are
// and however gofmt aligns them, and the files that do.
func ownersLines(p pages) map[string]int {
	lines := map[string]int{}
	for name, text := range p {
		if strings.Contains(name, "acme") {
			lines[name]++
		}
		if !owners(text) { // most files, and quickly seen
			continue
		}
		for line := range strings.Lines(text) {
			if owners(line) {
				lines[strings.Join(strings.Fields(line), " ")]++
			}
		}
	}
	return lines
}

// owners reports whether a text bears the owner's word, in a way that is quick for the many that do not.
func owners(text string) bool {
	return strings.Contains(text, "acme") || strings.Contains(text, "Acme") || strings.Contains(text, "ACME")
}

// readProject reads all of a project but the machine state.
func readProject(t testing.TB, dir string) pages {
	p := pages{}
	for name := range snapshot(t, dir) {
		if !strings.HasPrefix(name, ".sessionseed/") {
			p[name] = read(t, dir, name)
		}
	}
	return p
}

func treeOf(p pages) *tree.Tree {
	var files []tree.File
	for name, text := range p {
		files = append(files, tree.File{Path: name, Mode: 0o644, Data: []byte(text)})
	}
	return (&tree.Tree{}).With(files...)
}
