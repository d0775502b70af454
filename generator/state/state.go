// Package state is what makes a directory a project of the generator: the record of
// the last generation in .sessionseed, the options, the creation, and the keys.
package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

const (
	// stateSchema counts incompatible changes of the files in .sessionseed. 2 is the
	// first whose archives are text.
	stateSchema = 2
	// maxManifest bounds the manifest, in bytes; 200 files have 16 KB.
	maxManifest = 1 << 20
)

// State is what the last generation left in .sessionseed/: the base of every
// later merge. It is stored rather than rendered again, so that regenerate
// needs no git, no network and no older generator.
//
// Its files are text that version control merges by line, and say nothing that
// changes without a reason. Every name of an option, and of a file that some
// option would add, has its place in them, so that two branches which add
// different files change different places.
type State struct {
	Generator string              // version that wrote it
	Options   map[string][]string // values by name, auto as it is
	Files     []FileState         // sorted by path; .env is never among them

	// Base holds the bytes of Files as they were generated.
	Base map[string][]byte
	// Pending holds what was generated for files that were written with
	// conflict markers: it becomes their base once the markers are gone.
	Pending map[string][]byte
	// Settled says that the files held an unfinished merge of version control; see
	// [ReadState].
	Settled bool
}

// File returns the description of one file.
func (s *State) File(path string) (FileState, bool) {
	for _, f := range s.Files {
		if f.Path == path {
			return f, true
		}
	}
	return FileState{}, false
}

// FileState describes one generated file.
type FileState struct {
	Path  string
	Class tree.Class
	Mode  fs.FileMode
}

// manifest is the file of that name. A file is null while no option has it, else a
// list: class, octal mode, and notes.
type manifest struct {
	Schema    int                 `json:"schema"`
	Generator string              `json:"generator"`
	Options   map[string][]string `json:"options"`
	Files     map[string][]string `json:"files"`
}

// Notes on a file in the manifest.
const (
	quotedNote        = "quoted"         // the base has the file's lines quoted
	pendingNote       = "pending"        // the file is also in pending.txt
	pendingQuotedNote = "pending-quoted" // with its lines quoted there
)

// encode writes the manifest with a line for each name and one for what it has,
// so that no two changes are ever on neighboring lines, which git takes for a
// conflict. The empty name is last, for the commas.
func (m manifest) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n\"schema\": %d,\n\n\"generator\": %s,\n", m.Schema, quoteJSON(m.Generator))
	for _, section := range []struct {
		name   string
		values map[string][]string
	}{{"options", m.Options}, {"files", m.Files}} {
		fmt.Fprintf(&b, "\n%s: {\n", quoteJSON(section.name))
		for _, name := range slices.Sorted(maps.Keys(section.values)) {
			fmt.Fprintf(&b, "%s:\n  %s,\n", quoteJSON(name), quoteJSON(section.values[name]))
		}
		b.WriteString("\"\":\n  null\n}")
		if section.name == "options" {
			b.WriteString(",")
		}
		b.WriteString("\n")
	}
	b.WriteString("}\n")
	return b.Bytes()
}

func quoteJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // strings and lists of them can be encoded
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// WithState is a tree with the files of .sessionseed/. generated is as in [project.Open].
func WithState(t *tree.Tree, o options.Options, version string, generated *tree.Tree) (*tree.Tree, error) {
	files, err := encodeState(project.NewOwned(generated.Under(o.Into)), t, nil, o, version)
	if err != nil {
		return nil, err
	}
	return t.With(files...), nil
}

// StateChanges are the changes that make the state of the project that of a tree,
// the manifest last, since it says what the others are. pending are the texts that
// wait for markers to be settled, by path. What a checkout made of the ends of
// lines is not a change.
func StateChanges(
	p *project.Project,
	t *tree.Tree,
	pending map[string]tree.File,
	o options.Options,
	version string,
) ([]tree.Change, error) {
	files, err := encodeState(p.Owned, t, pending, o, version)
	if err != nil {
		return nil, err
	}
	whole := tree.New(files)
	var changes []tree.Change
	for _, name := range []string{project.BasePath, project.PendingPath, project.ZippedBase, project.ZippedPending,
		project.ManifestPath} {
		before, err := p.Read(name)
		if err != nil {
			return nil, problem.New(name+" "+err.Error(), project.ReadHint(err))
		}
		c := tree.Change{Path: name, Class: tree.StateFile, Before: before}
		if f, ok := whole.File(name); ok {
			c.After = f.Blob()
			if before != nil {
				c.After.Mode = before.Mode
				if bytes.Equal(withoutCR(before.Data), f.Data) {
					c.After = before
				}
			}
		}
		if c.Before != nil || c.After != nil {
			changes = append(changes, c)
		}
	}
	return changes, nil
}

// encodeState makes the files of .sessionseed/ for a tree, byte for byte
// reproducible. Secret files stay out of it.
func encodeState(
	o project.Owned,
	t *tree.Tree,
	pending map[string]tree.File,
	opts options.Options,
	version string,
) ([]tree.File, error) {
	m := manifest{Schema: stateSchema, Generator: version, Options: map[string][]string{}, Files: map[string][]string{}}
	if d, err := opts.Policy(); err == nil {
		opts = opts.Canonical(d)
	}
	for _, d := range options.Table() {
		if d.Applies(&opts) {
			m.Options[d.Name] = d.Get(&opts)
		}
	}
	base, waiting := map[string][]byte{}, map[string][]byte{}
	for _, f := range o.Files.Files {
		if o.Generated(f.Path) {
			base[f.Path], m.Files[f.Path] = nil, nil
		}
	}
	for _, f := range t.Files {
		if f.Class == tree.Secret || f.Class == tree.StateFile {
			continue
		}
		about := []string{string(f.Class), fmt.Sprintf("%04o", f.Mode)}
		text, quoted := quoteText(f.Data)
		if base[f.Path] = text; quoted {
			about = append(about, quotedNote)
		}
		if w, ok := pending[f.Path]; ok {
			text, quoted := quoteText(w.Data)
			if waiting[f.Path] = text; quoted {
				about = append(about, pendingQuotedNote)
			} else {
				about = append(about, pendingNote)
			}
		}
		m.Files[f.Path] = about
	}
	files := []tree.File{{Path: project.ManifestPath, Data: m.encode()},
		{Path: project.BasePath, Data: formatArchive(base)}}
	if len(waiting) > 0 {
		files = append(files, tree.File{Path: project.PendingPath, Data: formatArchive(waiting)})
	}
	for i := range files {
		if files[i].Mode, files[i].Class = 0o644, tree.StateFile; len(files[i].Data) > project.MaxFile {
			return nil, fmt.Errorf("%s would be larger than %d MiB", files[i].Path, project.MaxFile>>20)
		}
	}
	return files, nil
}
