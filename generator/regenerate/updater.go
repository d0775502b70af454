package regenerate

import (
	"crypto/rand"
	"path"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/sources"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// updater holds one planning while the set grows.
type updater struct {
	g           *render.Generator
	p           *project.Project
	o           changeset.Options
	st          *state.State
	adopting    bool
	present     options.Options // before the change
	lastOptions options.Options // of the last generation
	last        *tree.Tree      // what this generator makes of them; see lastTree
	next        *render.Plan
	tree        *tree.Tree
	renamed     *moduleMove           // nil: the module path stays
	onDisk      map[string]*tree.Blob // the Go files, once asked for; see after
	cs          *changeset.Set
	lost        []changeset.Versions // neither wanted nor there: deleted by the owner, or renamed
	bases       map[string]tree.File // what the next run merges from
	pending     map[string]tree.File // what it merges from once markers are gone
}

// renderNew renders options with new keys.
func renderNew(g *render.Generator, o options.Options) (*render.Plan, *tree.Tree, error) {
	next, err := render.NewPlan(o)
	if err != nil {
		return nil, nil, err
	}
	secrets, err := render.NewSecrets(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	t, err := g.RenderPlan(next, secrets)
	return next, t, err
}

// maxMerged bounds a file that a run compares, in bytes: all of them are in memory
// at once. The largest that is generated has less than 100 KB.
const maxMerged = 1 << 20

// versions gathers the three versions of a file. The change is for one that
// cannot be compared: what is there is not a regular file, or is full of
// markers.
func (u *updater) versions(name string) (changeset.Versions, *changeset.FileChange) {
	v := changeset.Versions{Path: name}
	if f, ok := u.tree.File(name); ok {
		v.Next, v.Class = f.Blob(), f.Class
	}
	var marked bool
	if s, ok := u.st.File(name); ok {
		v.Base = &tree.Blob{Mode: s.Mode, Data: u.st.Base[name]}
		if v.Next == nil {
			v.Class = s.Class
		}
		if after, ok := u.st.Pending[name]; ok {
			marked = true
			v.Base = &tree.Blob{Mode: v.Base.Mode, Data: after}
		}
	}
	disk, err := u.p.Read(name)
	if err == nil && disk != nil && len(disk.Data) > maxMerged {
		err = project.TooLarge(maxMerged)
	}
	if err != nil {
		f := &changeset.FileChange{Path: name, Class: v.Class}
		switch {
		case v.Next == nil:
			f.Action, f.Note = changeset.Orphan, "no longer part of the project; it "+err.Error()
		case v.Class == tree.Secret || changeset.SameText(v.Base, v.Next): // nothing to change
			f.Action, f.Note = changeset.Keep, err.Error()+"; it is left alone"
			u.cs.Notes = append(u.cs.Notes, name+" "+f.Note)
		default:
			f.Refuse(err.Error(), project.ReadHint(err))
		}
		return v, f
	}
	v.Disk = disk
	if marked && disk != nil && textmerge.HasMarkers(disk.Data) {
		f := &changeset.FileChange{Path: name, Class: v.Class, Before: disk, After: disk}
		f.Refuse("still holds conflict markers of the last run", "resolve them and run the command again")
		return v, f
	}
	if u.cs.Followed && v.Base != nil && v.Disk != nil {
		v.Base = u.renamed.asRenamed(v.Base, v.Disk)
	}
	if u.renamed != nil && path.Ext(name) == ".go" && v.Base != nil && v.Next != nil && v.Class != tree.Generated &&
		!v.Disk.Equal(v.Base) {
		// Comparing all three under the new module path keeps the rename
		// out of the merge. What is written is compared with the real file.
		v.Base, v.Disk = u.renamed.rewritten(v.Base), u.renamed.rewritten(v.Disk)
	}
	return v, nil
}

// add records a decision, and what the next run is to merge from.
func (u *updater) add(f changeset.FileChange, v changeset.Versions) {
	if u.renamed != nil && f.Action != changeset.Refuse {
		u.restoreBefore(&f)
	}
	if f.Action == changeset.DeletedByOwner && v.Next == nil {
		if v.Base != nil {
			u.lost = append(u.lost, v)
		}
		return // neither wanted nor there
	}
	u.cs.Files = append(u.cs.Files, f)
	switch {
	case f.Action == changeset.Conflict && u.o.ChoiceFor(f.Path) == changeset.WithMarkers:
		u.setPending(f.Path, v)
	case v.Base == nil && f.Action == changeset.Keep && state.Begins(f.Path):
		// It was there before the project, and stays nothing of the generator's.
	case v.Next != nil:
		u.setBase(f.Path, v.Class, v.Next)
	case f.Action == changeset.Orphan && v.Base != nil:
		u.setBase(f.Path, v.Class, v.Base)
	}
}

// setBase has the next run merge a file from b.
func (u *updater) setBase(name string, class tree.Class, b *tree.Blob) {
	u.bases[name] = tree.File{Path: name, Mode: b.Mode, Class: class, Data: b.Data}
}

// setPending has the next run merge a file from the new text, once the markers are gone
// that this run writes into it; until then a run refuses the file.
func (u *updater) setPending(name string, v changeset.Versions) {
	u.setBase(name, v.Class, v.Base)
	u.pending[name] = tree.File{Path: name, Mode: v.Next.Mode, Class: v.Class, Data: v.Next.Data}
}

// after is the code of the project as it will be once the run is done, as far as it is
// decided.
func (u *updater) after() sources.After {
	if u.onDisk == nil {
		u.onDisk = sources.Read(u.p)
	}
	decided := map[string]*tree.Blob{}
	for _, f := range u.cs.Files {
		decided[f.Path] = f.After
	}
	return sources.After{OnDisk: u.onDisk, Decided: decided}
}

// restoreBefore sets before to what really is on disk, where the decision
// was made on rewritten imports.
func (u *updater) restoreBefore(f *changeset.FileChange) {
	disk, err := u.p.Read(f.Path)
	if err != nil || f.Before.Equal(disk) {
		return
	}
	f.Before = disk
	if f.Action == changeset.Conflict && u.o.ChoiceFor(f.Path) == changeset.Stop {
		f.After = disk
		return
	}
	if f.Action == changeset.Unchanged || f.Action == changeset.Keep {
		f.Action = changeset.Update
	}
}

// lastTree is what this generator makes of the last generation's options, nil
// if it cannot.
func (u *updater) lastTree() *tree.Tree {
	if u.last != nil {
		return u.last
	}
	plan, err := render.NewPlan(u.lastOptions)
	if err != nil {
		return nil
	}
	if len(options.ChangedOptions(plan.Options, u.next.Options)) == 0 {
		u.last = u.tree
		return u.tree
	}
	if u.last, err = u.g.RenderPlan(plan, render.Secrets{}); err != nil {
		return nil
	}
	return u.last
}
