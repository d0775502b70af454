//go:build long

package regenerate_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// importLine is a line of Go that is an import and nothing else.
var importLine = regexp.MustCompile(`^(import )?([\w.]+ )?"[^"]*"( //.*)?$`)

// countLines counts the lines of a text, runs of blanks apart. What gofmt adds
// and drops on its own is left out, and so are imports, whose set the compiler
// judges.
func countLines(name, text string) map[string]int {
	lines := map[string]int{}
	for l := range strings.Lines(text) {
		l = strings.Join(strings.Fields(l), " ")
		if l == "" || l == "//" || path.Ext(name) == ".go" && importLine.MatchString(l) {
			continue
		}
		lines[l]++
	}
	return lines
}

// content is the text of a file in a snapshot, which puts its mode in front.
func content(entry string) string {
	_, text, _ := strings.Cut(entry, " ")
	return text
}

// nothingLost holds a run against its two sources, line by line: a line of the
// owner's goes only if the generator dropped it, and none appears that neither
// the owner had nor the generator added.
func (o *owner) nothingLost(cs *changeset.Set, was *state.State, before, after map[string]string,
	choice changeset.ConflictChoice) {
	t := o.t
	is, err := readState(o.dir)
	if err != nil {
		t.Error(err)
		return
	}
	for name := range o.deleted {
		if _, ok := is.Base[name]; !ok { // a component switched on again comes whole
			delete(o.deleted, name)
		}
	}
	classes := map[string]tree.Class{}
	for _, f := range was.Files {
		classes[f.Path] = f.Class
	}
	for name, entry := range before {
		if strings.HasPrefix(name, ".sessionseed/") || name == "go.mod" || name == "go.sum" ||
			name == "sessionseed.yaml" || classes[name] == tree.Generated {
			continue
		}
		tracked := name
		change := file(cs, name)
		if change.RenamedFrom != "" {
			tracked = change.RenamedFrom
		}
		ours := content(entry)
		base, known := was.Base[tracked]
		theirs, wanted := is.Base[tracked]
		left, there := after[name]
		if !there {
			if !known || wanted || strings.ReplaceAll(ours, "\r", "") != string(base) {
				t.Errorf("%s is gone; generated %v, wanted %v, its text was\n%s\nlast generated\n%s", name, known,
					wanted, ours, base)
			}
			continue
		}
		if !wanted || !known {
			base, theirs = nil, nil
		}
		if w, ok := is.Pending[tracked]; ok {
			theirs = w
		}
		result := content(left)
		b, u, n, r := countLines(name, string(base)), countLines(name, ours), countLines(name, string(theirs)),
			countLines(name, result)
		for line, count := range u {
			if least := count - max(0, b[line]-n[line]); r[line] < least &&
				!(choice == changeset.TakeTheirs && len(change.Conflicts) > 0) {
				t.Errorf("%s: %q is there %d times, want %d: base %d, yours %d, new %d", name, line, r[line], least,
					b[line], count, n[line])
			}
		}
		for line, count := range r {
			if most := u[line] + max(0, n[line]-b[line]); count > most && len(change.Conflicts) == 0 {
				t.Errorf("%s: %q is there %d times, want at most %d: base %d, yours %d, new %d", name, line, count,
					most, b[line], u[line], n[line])
			}
		}
		if (strings.Count(ours, "\r\n")*2 > strings.Count(ours, "\n")) != (strings.Count(result,
			"\r\n")*2 > strings.Count(result, "\n")) {
			t.Errorf("%s: the line endings turned", name)
		}
		if known && wanted && bytes.HasSuffix(base, []byte("\n")) && !strings.HasSuffix(ours, "\n") &&
			strings.HasSuffix(result, "\n") && len(change.Conflicts) == 0 {
			t.Errorf("%s: got a final newline", name)
		}
	}
}

// forgetLost drops the words of edits that were where the owner chose the
// generator's lines.
func (o *owner) forgetLost(after map[string]string) {
	for word := range o.words {
		found := false
		for name, text := range after {
			found = found || !strings.HasPrefix(name, ".sessionseed/") && strings.Contains(text, word)
		}
		if !found {
			delete(o.words, word)
		}
	}
}

// settleMarkers takes the generator's side of every marked place, with which the
// project compiles.
func (o *owner) settleMarkers() {
	for name, entry := range snapshot(o.t, o.dir) {
		text := content(entry)
		if strings.HasPrefix(name, ".sessionseed/") || !strings.Contains(text, "||||||| last generated") {
			continue
		}
		var out strings.Builder
		skip := false
		for l := range strings.Lines(text) {
			switch {
			case strings.HasPrefix(l, "<<<<<<< "):
				skip = true
			case skip && strings.HasPrefix(l, "======="):
				skip = false
			case strings.HasPrefix(l, ">>>>>>> "):
			case !skip:
				out.WriteString(l)
			}
		}
		if err := os.WriteFile(filepath.Join(o.dir, name), []byte(out.String()), 0o644); err != nil {
			o.t.Fatal(err)
		}
	}
}

// dropEdits takes the owner's edits out of files of components that are to go,
// as the message of a refused run asks for, every other time.
func (o *owner) dropEdits(orphans []string) {
	if o.r.IntN(2) == 0 {
		return
	}
	o.asGenerated(orphans)
}

// asGenerated puts back what the generator wrote, or removes a file that it
// knows by another name.
func (o *owner) asGenerated(names []string) {
	st, err := readState(o.dir)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, name := range names {
		text := read(o.t, o.dir, name)
		base, ok := st.Base[name]
		switch {
		case !ok && o.renamed[name]:
			o.forget(text)
			delete(o.renamed, name)
			if err := os.Remove(filepath.Join(o.dir, name)); err != nil {
				o.t.Fatal(err)
			}
			o.t.Logf("edit: removed %s", name)
		case ok && text != string(base):
			o.forget(text)
			write(o.t, o.dir, name, string(base))
			o.t.Logf("edit: %s as it was generated", name)
		}
	}
}

// giveUpOrphans lets go of edited files of components that were switched off,
// if the project does not compile with them: a run that writes markers leaves
// this to its owner, since it compiles nothing.
func (o *owner) giveUpOrphans(cs *changeset.Set) {
	vet := exec.Command("go", "vet", "./...")
	vet.Dir = o.dir
	out, err := vet.CombinedOutput()
	if err == nil {
		return
	}
	var orphans []string
	for _, f := range cs.Files {
		if f.Action == changeset.Orphan && isGo(f.Path, "") {
			orphans = append(orphans, f.Path)
		}
	}
	for name := range o.renamed {
		if strings.Contains(string(out), fmt.Sprint(filepath.FromSlash(name), ":")) {
			orphans = append(orphans, name)
		}
	}
	if len(orphans) == 0 {
		o.t.Errorf("does not compile once its markers are settled: %s", out)
	}
	o.asGenerated(orphans)
}

// mayBreak reports whether what does not compile is in a file that the owner renamed:
// the generator may no longer recognise it, and then cannot take it away.
func (o *owner) mayBreak(output string) bool {
	for name := range o.renamed {
		if strings.Contains(output, fmt.Sprint(filepath.FromSlash(name), ":")) {
			return true
		}
	}
	return false
}
