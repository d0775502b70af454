package regenerate

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

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

	before  *tree.Blob       // nil: absent
	after   *tree.Blob       // nil: absent, same as before: nothing to do
	problem *problem.Problem // of Refuse, and of an edited DO-NOT-EDIT file that is kept
	byHand  string           // of those: the edit, as a diff
	deleted bool             // of DeletedByOwner: it stands nowhere else
	missed  bool             // of DeletedByOwner: the generator changed it since
}

// Diff is the change on disk in unified form; for Refuse the change that was
// made by hand. It is empty where nothing changes, and for .env, whose keys are
// nobody's to see.
func (f FileChange) Diff() string {
	switch {
	case f.Action == Refuse:
		return f.byHand
	case f.Class == tree.Secret || f.before.Equal(f.after):
		return ""
	}
	return patch(f.Path, f.before, f.after)
}

// News reports whether the run has something to say of the file: that it changes,
// or why it does not although the generator changed it.
func (f FileChange) News() bool {
	switch f.Action {
	case Unchanged, Keep:
		return false
	case DeletedByOwner:
		return f.missed
	}
	return true
}

// change is what is to be written.
func (f FileChange) change() tree.Change {
	return tree.Change{Path: f.Path, Class: f.Class, Before: f.before, After: f.after}
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

// ChangeSet is a planned run: what [Apply] would do to a project. It
// is a value of its own; making one writes nothing.
type ChangeSet struct {
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

	// Choices are what was tried of a set in conflict; see [TryChoices].
	Choices []Choice `json:"choices,omitempty"`

	state     []FileChange // .sessionseed/, written last
	depend    []dependent
	trim      *trim    // nil: go.mod and go.sum are as they should be
	left      []string // orphans in packages that go on without them
	followed  bool     // the module path is go.mod's, which its owner changed
	effective options.Options
	options   Options
	owned     *tree.Tree // what the generator makes for some options
}

// ConflictChoice says what to do with conflicts.
type ConflictChoice string

const (
	Stop        ConflictChoice = ""        // write nothing
	WithMarkers ConflictChoice = "markers" // write diff3 markers into the files
	TakeOurs    ConflictChoice = "ours"    // the owner's lines win
	TakeTheirs  ConflictChoice = "theirs"  // the generator's lines win
)

// Options tune [Plan].
type Options struct {
	// Conflicts is the choice for the places that both sides changed, and
	// ConflictsIn that for those of one file, by its path.
	Conflicts   ConflictChoice
	ConflictsIn map[string]ConflictChoice
	// ReplaceEdited drops what was edited by hand in DO-NOT-EDIT files.
	ReplaceEdited bool
	// ReplaceExisting takes the generated text where a file that is not the
	// generator's stands in the way.
	ReplaceExisting bool
	// Downgrade takes a project that a newer generator wrote back to this one.
	Downgrade bool
	// Restore brings back files that the owner deleted.
	Restore bool
	// Adopt does without the machine state, whatever is wrong with it: what differs
	// from what this generator would write counts as edited by the owner.
	Adopt bool
}

// conflicts is the choice for the conflicts of one file.
func (o Options) conflicts(path string) ConflictChoice {
	if choice, ok := o.ConflictsIn[path]; ok {
		return choice
	}
	return o.Conflicts
}

// Changed reports whether applying the set would write anything.
func (cs *ChangeSet) Changed() bool {
	for _, f := range cs.all() {
		if !f.before.Equal(f.after) {
			return true
		}
	}
	return false
}

// InConflict lists the files with conflicts that no choice has settled.
func (cs *ChangeSet) InConflict() []FileChange { return cs.with(Conflict) }

// Refused lists the files that stand in the way.
func (cs *ChangeSet) Refused() []FileChange { return cs.with(Refuse) }

func (cs *ChangeSet) with(a Action) []FileChange {
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
func (cs *ChangeSet) Blocked() error {
	var problems []error
	for _, f := range cs.Files {
		switch {
		case f.Action == Refuse:
			problems = append(problems, f.problem)
		case f.Action == Conflict && cs.options.conflicts(f.Path) == Stop:
			problems = append(problems, problem.New(fmt.Sprintf("%s has %s", f.Path, f.Note), cs.remedy(f.Path)))
		}
	}
	return errors.Join(problems...)
}

// edited lists the DO-NOT-EDIT files that were edited by hand, those that the run
// leaves alone included.
func (cs *ChangeSet) edited() []FileChange {
	return slices.DeleteFunc(slices.Clone(cs.Files), func(f FileChange) bool {
		return f.problem == nil || f.Class != tree.Generated
	})
}

// Count returns how many files have the action.
func (cs *ChangeSet) Count(a Action) int { return len(cs.with(a)) }

// Diff is the whole set as one patch.
func (cs *ChangeSet) Diff() string {
	var b strings.Builder
	for _, f := range cs.Files {
		b.WriteString(f.Diff())
	}
	return b.String()
}

func (cs *ChangeSet) all() []FileChange {
	return append(slices.Clip(cs.Files), cs.state...)
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
