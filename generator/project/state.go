package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/tree"
)

const (
	stateDir     = ".sessionseed"
	manifestPath = stateDir + "/manifest.json"
	basePath     = stateDir + "/base.txt"
	pendingPath  = stateDir + "/pending.txt"
	// stateSchema counts incompatible changes of the files in stateDir. 2 is the
	// first whose archives are text.
	stateSchema = 2
	// maxManifest bounds the manifest, in bytes; 200 files have 16 KB.
	maxManifest = 1 << 20
)

// stateFiles are the names of the state's files, those of older generators too.
var stateFiles = []string{manifestPath, basePath, pendingPath, zippedBase, zippedPending}

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
	Options   map[string][]string // effective values by name
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

// WithState is a tree with the files of .sessionseed/. generated is as in [Open].
func WithState(t *tree.Tree, o options.Options, version string, generated *tree.Tree) (*tree.Tree, error) {
	files, err := newOwned(generated).encodeState(t, nil, o, version)
	if err != nil {
		return nil, err
	}
	return t.With(files...), nil
}

// StateChanges are the changes that make the state of the project that of a tree,
// the manifest last, since it says what the others are. pending are the texts that
// wait for markers to be settled, by path. What a checkout made of the ends of
// lines is no change.
func (p *Project) StateChanges(t *tree.Tree, pending map[string]tree.File, o options.Options,
	version string) ([]tree.Change, error) {
	files, err := p.owned.encodeState(t, pending, o, version)
	if err != nil {
		return nil, err
	}
	whole := tree.New(files)
	var changes []tree.Change
	for _, name := range []string{basePath, pendingPath, zippedBase, zippedPending, manifestPath} {
		before, err := p.Read(name)
		if err != nil {
			return nil, problem.New(name+" "+err.Error(), ReadHint(err))
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
func (o owned) encodeState(t *tree.Tree, pending map[string]tree.File, opts options.Options,
	version string) ([]tree.File, error) {
	m := manifest{Schema: stateSchema, Generator: version, Options: map[string][]string{}, Files: map[string][]string{}}
	if d, err := opts.Policy(); err == nil {
		opts = opts.Canonical(d)
	}
	for _, d := range options.Table() {
		m.Options[d.Name] = d.Get(&opts)
	}
	base, waiting := map[string][]byte{}, map[string][]byte{}
	for _, f := range o.files.Files {
		if o.generated(f.Path) {
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
	files := []tree.File{{Path: manifestPath, Data: m.encode()}, {Path: basePath, Data: formatArchive(base)}}
	if len(waiting) > 0 {
		files = append(files, tree.File{Path: pendingPath, Data: formatArchive(waiting)})
	}
	for i := range files {
		if files[i].Mode, files[i].Class = 0o644, tree.StateFile; len(files[i].Data) > maxFile {
			return nil, fmt.Errorf("%s would be larger than %d MiB", files[i].Path, maxFile>>20)
		}
	}
	return files, nil
}

// ErrNoState means that a directory holds no state of a generation.
var ErrNoState = errors.New("no " + stateDir + " directory")

// ErrNewerState means that a newer generator wrote the state in another form.
var ErrNewerState = errors.New("this sessionseed is too old to read it")

// ReadState reads the state of a project. It is [ErrNoState] when there is none,
// [ErrNewerState] when there is one of another form, and else an error that names
// the damage: a wrong base would lose edits.
//
// A merge of version control that stopped at a conflict in the state is settled:
// either side is a base from which the next run gets to what the options say now,
// since what the other side generated is what it will generate again. Where a file
// is in both, that of ours counts.
func ReadState(p *Project) (*State, error) {
	data, err := p.stateFile(manifestPath)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, ErrNoState
	}
	if len(data) > maxManifest {
		return nil, damaged(manifestPath, fmt.Errorf("it is larger than %d MiB", maxManifest>>20))
	}
	manifests, err := sides(data)
	if err != nil {
		return nil, damaged(manifestPath, err)
	}
	var found *State
	var problems error
	for _, text := range manifests {
		s, err := p.readSide(text, len(manifests) > 1)
		switch {
		case err != nil && found == nil:
			problems = err // the first
		case found == nil:
			found = s
		case err == nil:
			found.add(s)
		}
	}
	if found == nil {
		return nil, problems
	}
	return found, nil
}

// add takes over the files that another side of a merge has in addition.
func (s *State) add(other *State) {
	for _, f := range other.Files {
		if _, ok := s.File(f.Path); ok {
			continue
		}
		s.Files, s.Base[f.Path] = append(s.Files, f), other.Base[f.Path]
		if text, ok := other.Pending[f.Path]; ok {
			s.Pending[f.Path] = text
		}
	}
	slices.SortFunc(s.Files, func(a, b FileState) int { return strings.Compare(a.Path, b.Path) })
}

// readSide reads the state that a manifest describes.
func (p *Project) readSide(text []byte, settling bool) (*State, error) {
	var head struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, damaged(manifestPath, err)
	}
	switch {
	case head.Schema == 1:
		s, err := p.readZipped(text)
		if err == nil {
			s.Settled = settling
		}
		return s, err
	case head.Schema != stateSchema:
		return nil, fmt.Errorf("%s has schema %d and not %d: %w", manifestPath, head.Schema, stateSchema, ErrNewerState)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, damaged(manifestPath, err)
	}
	delete(m.Options, "")
	s := &State{Generator: m.Generator, Options: m.Options, Settled: settling, Base: map[string][]byte{},
		Pending: map[string][]byte{}}
	notes, waiting := map[string][]string{}, false
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		about := m.Files[name]
		if about == nil {
			continue
		}
		if len(about) < 2 {
			return nil, damaged(manifestPath, fmt.Errorf("%q lacks its class or its mode", name))
		}
		f, err := p.fileState(name, tree.Class(about[0]), about[1])
		if err != nil {
			return nil, err
		}
		s.Files, notes[name] = append(s.Files, f), about[2:]
		waiting = waiting || slices.Contains(about[2:], pendingNote) || slices.Contains(about[2:], pendingQuotedNote)
	}
	var pending []map[string][]byte
	base, err := p.archive(basePath)
	if err == nil && waiting {
		pending, err = p.archive(pendingPath)
	}
	if err != nil {
		return nil, err
	}
	s.Settled = settling || len(base) > 1 || len(pending) > 1
	s.Files = slices.DeleteFunc(s.Files, func(f FileState) bool {
		if err != nil {
			return false
		}
		var ok bool
		var text []byte
		if text, ok, err = partOf(base, f.Path, slices.Contains(notes[f.Path], quotedNote)); err != nil {
			err = damaged(basePath, err)
		} else if _, place := base[0][f.Path]; !ok && !place && !s.Settled {
			err = damaged(basePath, fmt.Errorf("%q is missing", f.Path))
		} else if ok {
			s.Base[f.Path] = text
		}
		return err == nil && !ok // of one side of a merge, where the base is the other's
	})
	if err != nil {
		return nil, err
	}
	if s.Settled {
		s.dropped(p, base)
	}
	for name, list := range notes {
		quoted := slices.Contains(list, pendingQuotedNote)
		if !quoted && !slices.Contains(list, pendingNote) {
			continue
		}
		text, ok, err := partOf(pending, name, quoted)
		if err == nil && !ok && !s.Settled {
			err = fmt.Errorf("%q is missing", name)
		}
		if err != nil {
			return nil, damaged(pendingPath, err)
		}
		if _, known := s.File(name); ok && known {
			s.Pending[name] = text
		}
	}
	return s, nil
}

// dropped takes up the files that one side of a merge has dropped and the other has
// changed: their owner may have kept them.
func (s *State) dropped(p *Project, base []map[string][]byte) {
	for _, parts := range base {
		for _, name := range slices.Sorted(maps.Keys(parts)) {
			if _, known := s.Base[name]; known || len(parts[name]) == 0 || !p.owned.generated(name) {
				continue
			}
			text, err := unquoteText(parts[name])
			if err != nil {
				text = parts[name]
			}
			s.Files, s.Base[name] = append(s.Files, FileState{name, tree.Scaffolded, 0o644}), text
		}
	}
	slices.SortFunc(s.Files, func(a, b FileState) int { return strings.Compare(a.Path, b.Path) })
}

// archive reads one of the archives, on both sides of a merge.
func (p *Project) archive(name string) ([]map[string][]byte, error) {
	data, err := p.stateFile(name)
	if err != nil {
		return nil, err
	}
	texts, err := sides(data)
	if err != nil {
		return nil, damaged(name, err)
	}
	var list []map[string][]byte
	for _, text := range texts {
		parts, err := parseArchive(text)
		if err != nil {
			return nil, damaged(name, err)
		}
		list = append(list, parts)
	}
	return list, nil
}

// partOf is a file from the first archive that has it.
func partOf(archives []map[string][]byte, name string, quoted bool) (text []byte, ok bool, err error) {
	for _, parts := range archives {
		if part := parts[name]; len(part) > 0 {
			if quoted {
				part, err = unquoteText(part)
			}
			return part, true, err
		}
	}
	return nil, false, nil
}

// stateFile reads a file of the state with the ends of lines that it was written
// with, nil if there is none.
func (p *Project) stateFile(name string) ([]byte, error) {
	f, err := p.Read(name)
	switch {
	case err != nil:
		return nil, damaged(name, err)
	case f == nil && name == manifestPath:
		return nil, nil
	case f == nil:
		return nil, damaged(name, errors.New("it is missing"))
	case bytes.HasPrefix(f.Data, []byte("version https://git-lfs.github.com/spec/")):
		return nil, problem.New(name+" is a Git LFS pointer, not the file", "get it with git lfs pull, or "+adoptHint)
	case path.Ext(name) == ".zip":
		return f.Data, nil
	}
	return withoutCR(f.Data), nil
}

// fileState checks what a manifest says of a file.
func (p *Project) fileState(name string, class tree.Class, mode string) (FileState, error) {
	bits, err := parseMode(mode)
	f, _ := p.owned.files.File(name)
	switch {
	case !p.owned.generated(name):
		return FileState{}, damaged(manifestPath, fmt.Errorf("it names %q, which sessionseed does not generate", name))
	case err != nil:
		return FileState{}, damaged(manifestPath, fmt.Errorf("%q has the mode %q", name, mode))
	case f.Class == tree.Modules || f.Class == tree.Config:
		class = f.Class
	case class != tree.Generated && class != tree.Scaffolded:
		return FileState{}, damaged(manifestPath, fmt.Errorf("%q has the class %q", name, class))
	}
	return FileState{name, class, p.owned.mode(name, bits, nil)}, nil
}

const adoptHint = "start again from the files as they are: sessionseed regenerate --adopt"

func damaged(name string, err error) error {
	return problem.New(fmt.Sprintf("%s is damaged: %v", name, err),
		"restore "+stateDir+" from version control, or "+adoptHint)
}
