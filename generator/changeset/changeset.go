// Package changeset is what a run does with each file of a project: the decision by
// base, ours and theirs, the whole set, and its application once it compiles.
package changeset

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/gomod"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Action is what a run does with one file.
type Action string

const (
	Unchanged      Action = "unchanged" // as it should be already
	Update         Action = "update"    // not edited since the last generation: the new text
	Add            Action = "add"       // new
	Merge          Action = "merge"     // edited, and changed by the generator: both
	Keep           Action = "keep"      // edited, and not changed by the generator
	Delete         Action = "delete"    // no longer part of the project, not edited
	Orphan         Action = "orphan"    // no longer part of the project, edited: stays
	DeletedByOwner Action = "gone"      // deleted by the owner: stays deleted
	Conflict       Action = "conflict"  // edited where the generator changed it too
	Refuse         Action = "refuse"    // cannot be changed: Problem says why
)

// FileChange is what a run would do with one file, and why.
type FileChange struct {
	Path   string     `json:"path"`
	Action Action     `json:"action"`
	Class  tree.Class `json:"class,omitempty"`
	// RenamedFrom is the generated path of a file that the owner renamed.
	RenamedFrom string `json:"renamedFrom,omitempty"`
	// Why names the options that change the file, sorted; "generator" stands
	// for a newer or older generator.
	Why []string `json:"why,omitempty"`
	// Note is one sentence for the reader, empty where Action says it all.
	Note string `json:"note,omitempty"`
	// Conflicts holds the places of a conflict.
	Conflicts []ConflictHunk `json:"conflicts,omitempty"`

	Before  *tree.Blob       `json:"-"` // nil: absent
	After   *tree.Blob       `json:"-"` // nil: absent; equal to Before: nothing to do
	Problem *problem.Problem `json:"-"` // of Refuse, and of an edited DO-NOT-EDIT file that is kept
	byHand  string           `json:"-"` // of those: the edit, as a diff

	// Structural says that the merge is not what lines alone would have given: where it
	// does not compile, they have the next word.
	Structural bool `json:"-"`

	Deleted bool `json:"-"` // of DeletedByOwner: it stands nowhere else
	Missed  bool `json:"-"` // of DeletedByOwner: the generator changed it since
}

// Diff is the change on disk in unified form; for Refuse the change that was
// made by hand. It is empty where nothing changes, and for .env, whose keys are
// secret.
func (f FileChange) Diff() string {
	switch {
	case f.Action == Refuse:
		return f.byHand
	case f.Class == tree.Secret || f.Before.Equal(f.After):
		return ""
	}
	return patch(f.Path, f.Before, f.After)
}

// News reports whether the run has something to say of the file: that it changes,
// or why it does not although the generator changed it.
func (f FileChange) News() bool {
	switch f.Action {
	case Unchanged, Keep:
		return false
	case DeletedByOwner:
		return f.Missed
	}
	return true
}

// Change is what is to be written.
func (f FileChange) Change() tree.Change {
	return tree.Change{Path: f.Path, Class: f.Class, Before: f.Before, After: f.After}
}

// MarshalJSON adds the diff, which is made only when somebody looks at it.
func (f FileChange) MarshalJSON() ([]byte, error) {
	type plain FileChange
	return json.Marshal(struct {
		plain
		Diff string `json:"diff,omitempty"`
	}{plain(f), f.Diff()})
}

// ConflictHunk is one place that both the owner and the generator changed.
type ConflictHunk struct {
	Line int `json:"line"` // in the file on disk, from 1
	// Element is what the place belongs to, as "type T, field A"; empty where only
	// the line is known.
	Element string `json:"element,omitempty"`

	Yours string `json:"yours"`
	Last  string `json:"lastGenerated"`
	New   string `json:"new"`
}

// Set is a planned run: what [Apply] would do to a project. It
// is a value of its own; making one writes nothing.
type Set struct {
	Dir     string                 `json:"dir"`
	Options []options.OptionChange `json:"options"`
	// From and To are the generator's versions, of the last run and this one.
	From  string       `json:"from"`
	To    string       `json:"to"`
	Files []FileChange `json:"files"` // sorted by path; machine state left out
	// Notes are facts about the run as a whole, one sentence each.
	Notes []string `json:"notes,omitempty"`
	// Warnings are what the policy warns of because of the changed options.
	Warnings []string `json:"warnings,omitempty"`

	// Choices are what was tried of a set in conflict; see regenerate.TryChoices.
	Choices []Choice `json:"choices,omitempty"`

	State     []FileChange    `json:"-"` // .sessionseed/, written last
	Depend    []Dependent     `json:"-"`
	Trim      *gomod.Trim     `json:"-"` // nil: go.mod and go.sum are as they should be
	Left      []string        `json:"-"` // orphans in packages that go on without the rest of their component
	Followed  bool            `json:"-"` // the module path is go.mod's, which its owner changed
	Effective options.Options `json:"-"`
	Chosen    Options         `json:"-"`
	Owned     *tree.Tree      `json:"-"` // what the generator makes for some options
}

// ConflictChoice says what to do with conflicts.
type ConflictChoice string

const (
	Stop        ConflictChoice = ""        // write nothing
	WithMarkers ConflictChoice = "markers" // write diff3 markers into the files
	TakeOurs    ConflictChoice = "ours"    // the owner's lines win
	TakeTheirs  ConflictChoice = "theirs"  // the generator's lines win
)

// Options tune regenerate.Plan.
type Options struct {
	// Conflicts is the choice for the places that both sides changed, and
	// ConflictsIn that for those of one file, by its path.
	Conflicts   ConflictChoice
	ConflictsIn map[string]ConflictChoice
	// ByLines are files, by path, to be merged by lines alone.
	ByLines []string
	// ReplaceEdited drops what was edited by hand in DO-NOT-EDIT files.
	ReplaceEdited bool
	// ReplaceExisting takes the generated text where a file that is not the
	// generator's is in the way.
	ReplaceExisting bool
	// Downgrade takes a project that a newer generator wrote back to this one.
	Downgrade bool
	// Restore brings back files that the owner deleted.
	Restore bool
	// Adopt does without the machine state, whatever is wrong with it: what differs
	// from what this generator would write counts as edited by the owner.
	Adopt bool
}

// ChoiceFor is the choice for the conflicts of one file.
func (o Options) ChoiceFor(path string) ConflictChoice {
	if choice, ok := o.ConflictsIn[path]; ok {
		return choice
	}
	return o.Conflicts
}

// Changed reports whether applying the set would write anything.
func (cs *Set) Changed() bool {
	for _, f := range cs.all() {
		if !f.Before.Equal(f.After) {
			return true
		}
	}
	return false
}

// InConflict lists the files with conflicts that no choice has settled.
func (cs *Set) InConflict() []FileChange { return cs.with(Conflict) }

// Refused lists the files that are in the way.
func (cs *Set) Refused() []FileChange { return cs.with(Refuse) }

// DeletedByOwner lists the generated files that the owner has deleted, by path.
func (cs *Set) DeletedByOwner() []string {
	var list []string
	for _, f := range cs.with(DeletedByOwner) {
		if f.Deleted {
			list = append(list, f.Path)
		}
	}
	return list
}

func (cs *Set) with(a Action) []FileChange {
	var list []FileChange
	for _, f := range cs.Files {
		if f.Action == a {
			list = append(list, f)
		}
	}
	return list
}

// Blocked is the reason why the set cannot be applied, nil if it can: files in
// conflict or refused, each as a [*problem.Problem].
func (cs *Set) Blocked() error {
	var problems []error
	for _, f := range cs.Files {
		switch {
		case f.Action == Refuse:
			problems = append(problems, f.Problem)
		case f.Action == Conflict && cs.Chosen.ChoiceFor(f.Path) == Stop:
			problems = append(problems, problem.New(fmt.Sprintf("%s has %s", f.Path, f.Note), cs.remedy(f.Path)))
		}
	}
	return errors.Join(problems...)
}

// Edited lists the DO-NOT-EDIT files that were edited by hand, those that the run
// leaves alone included.
func (cs *Set) Edited() []FileChange {
	return slices.DeleteFunc(slices.Clone(cs.Files), func(f FileChange) bool {
		return f.byHand == ""
	})
}

// Count returns how many files have the action.
func (cs *Set) Count(a Action) int { return len(cs.with(a)) }

// Diff is what the whole set writes, as one patch.
func (cs *Set) Diff() string {
	var b strings.Builder
	for _, f := range cs.Files {
		if f.Action != Refuse {
			b.WriteString(f.Diff())
		}
	}
	return b.String()
}

func (cs *Set) all() []FileChange {
	return append(slices.Clip(cs.Files), cs.State...)
}

// Diff is the change of a text in unified form, empty for none.
func Diff(path string, before, after []byte) []byte {
	return textmerge.Unified("a/"+path, "b/"+path, before, after)
}

// patch is the unified diff from before to after, with /dev/null for absence.
func patch(path string, before, after *tree.Blob) string {
	nameA, nameB := "a/"+path, "b/"+path
	var a, b []byte
	if before != nil {
		a = before.Data
	} else {
		nameA = "/dev/null"
	}
	if after != nil {
		b = after.Data
	} else {
		nameB = "/dev/null"
	}
	text := string(textmerge.Unified(nameA, nameB, a, b))
	if before != nil && after != nil && before.Mode != after.Mode {
		text = fmt.Sprintf("old mode %06o\nnew mode %06o\n%s", 0o100000|before.Mode.Perm(), 0o100000|after.Mode.Perm(),
			text)
	}
	return text
}

// Choice is one way to settle the conflicts of a run in Go files, and what the
// compiler says of it.
type Choice struct {
	In       map[string]ConflictChoice `json:"in"` // by path
	Compiles bool                      `json:"compiles"`
	Fault    string                    `json:"fault,omitempty"` // the first, where it does not compile
}

// Flags are the command-line flags of the choice.
func (c Choice) Flags() string {
	var flags []string
	for _, name := range slices.Sorted(maps.Keys(c.In)) {
		flags = append(flags, "--conflicts="+name+"="+string(c.In[name]))
	}
	return strings.Join(flags, " ")
}

// remedy says how the conflicts of a file can be settled: if choices were tried, by
// those that compile.
func (cs *Set) remedy(name string) string {
	const sameOptions = "regenerate with the same options and "
	const byHand = "--conflicts=markers, and resolve them; or make your edit elsewhere"
	var compiles []string
	tried := false
	for _, c := range cs.Choices {
		_, in := c.In[name]
		tried = tried || in
		if in && c.Compiles {
			compiles = append(compiles, c.Flags())
		}
	}
	switch {
	case !tried:
		return sameOptions + "--conflicts=ours (your lines), theirs (the generated ones) or " +
			"markers (to edit by hand), in this file alone with --conflicts=" + name + "=ours; or make your edit " +
			"elsewhere"
	case len(compiles) == 0:
		return "no side alone compiles: " + sameOptions + byHand
	}
	return sameOptions + strings.Join(compiles, ", or ") + ", which compiles; or with " + byHand
}

// Dependent is a file that imports a package which a run removes, or one through
// which the service goes on with a store that the project has left.
type Dependent struct {
	File, Imports string
	Instead       string // the import to write there, with the name that the file uses; empty: none
	Gone          bool   // the package is removed
	Opens         bool   // the file may be the one that opens the store
}

func (d Dependent) String() string {
	switch {
	case !d.Gone:
		return fmt.Sprintf("%s imports %q, so the service goes on with that store: import %s there instead", d.File,
			d.Imports, d.Instead)
	case d.Instead != "":
		return fmt.Sprintf("%s imports %q, which this run removes: import %s there first", d.File, d.Imports, d.Instead)
	}
	return fmt.Sprintf("%s imports %q, which this run removes: remove that import first", d.File, d.Imports)
}

// dependOnGone are the sentences about packages that are removed.
func (cs *Set) dependOnGone() []string {
	var list []string
	for _, d := range cs.Depend {
		if d.Gone {
			list = append(list, d.String())
		}
	}
	return list
}

// DataOf is the text of a file, nil for one that is absent.
func DataOf(f *tree.Blob) []byte {
	if f == nil {
		return nil
	}
	return f.Data
}

// Leave says what may come of an orphan in a package that goes on without the
// rest of its component.
func (cs *Set) Leave(i int, what string) {
	f := &cs.Files[i]
	f.Note += ", and " + what + " without the rest: delete it, or move your edit elsewhere"
	cs.Left = append(cs.Left, f.Path)
}

// StateChanged reports whether the run writes its state.
func (cs *Set) StateChanged() bool {
	return slices.ContainsFunc(cs.State, func(f FileChange) bool { return !f.Before.Equal(f.After) })
}
