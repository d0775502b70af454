package project

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/tree"
)

const (
	stateDir     = ".sessionseed"
	ManifestPath = stateDir + "/manifest.json"
	basePath     = stateDir + "/base.zip"
	PendingPath  = stateDir + "/pending.zip"
	// stateSchema counts incompatible changes of the files in stateDir.
	StateSchema = 1
)

// stateFiles are the names of the state's files, of older generators too.
var stateFiles = []string{ManifestPath, basePath, PendingPath}

// State is what the last generation left in .sessionseed/: the base of every
// later merge. It is stored rather than rendered again, so that regenerate
// needs no git, no network and no older generator.
type State struct {
	Schema    int                 `json:"schema"`
	Generator string              `json:"generator"` // version that wrote it
	Options   map[string][]string `json:"options"`   // effective values by name
	Files     []FileState         `json:"files"`     // sorted by path; .env is never among them

	// Base holds the bytes of Files as they were generated.
	Base map[string][]byte `json:"-"`
	// Pending holds what was generated for files that were written with
	// conflict markers: it becomes their base once the markers are gone.
	Pending map[string][]byte `json:"-"`
}

// file returns the description of one file.
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
	Path   string     `json:"path"`
	Class  tree.Class `json:"class"`
	Mode   string     `json:"mode"` // octal
	SHA256 string     `json:"sha256"`
	// Pending is the hash of the file's entry in pending.zip.
	Pending string `json:"pending,omitempty"`
}

// WithState is tree with the files of .sessionseed/.
func WithState(t *tree.Tree, o options.Options, version string) (*tree.Tree, error) {
	files, err := EncodeState(t, nil, o, version)
	if err != nil {
		return nil, err
	}
	return t.With(files...), nil
}

// EncodeState makes the files of .sessionseed/ for tree, byte for byte
// reproducible. Secret files stay out of it. pending are the texts that wait for
// markers to be settled, by path.
func EncodeState(t *tree.Tree, pending map[string]tree.File, o options.Options, version string) ([]tree.File, error) {
	s := State{Schema: StateSchema, Generator: version, Options: map[string][]string{}}
	if d, err := o.Policy(); err == nil {
		o = o.Canonical(d)
	}
	for _, d := range options.Table() {
		s.Options[d.Name] = d.Get(&o)
	}
	var base, waiting []tree.File
	for _, f := range t.Files {
		if f.Class == tree.Secret || f.Class == tree.StateFile {
			continue
		}
		base = append(base, f)
		fs := FileState{Path: f.Path, Class: f.Class, Mode: fmt.Sprintf("%04o", f.Mode), SHA256: f.Blob().Sum()}
		if w, ok := pending[f.Path]; ok {
			waiting = append(waiting, w)
			fs.Pending = w.Blob().Sum()
		}
		s.Files = append(s.Files, fs)
	}
	manifest, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, err
	}
	files := []tree.File{{Path: ManifestPath, Mode: 0o644, Class: tree.StateFile, Data: append(manifest, '\n')}}
	for _, z := range []struct {
		path  string
		files []tree.File
	}{{basePath, base}, {PendingPath, waiting}} {
		if z.path == PendingPath && len(z.files) == 0 {
			continue
		}
		data, err := zipped(z.files)
		if err != nil {
			return nil, err
		}
		files = append(files, tree.File{Path: z.path, Mode: 0o644, Class: tree.StateFile, Data: data})
	}
	return files, nil
}

// zipped packs files without times, so that the same files give the same bytes.
// They are not compressed: a version control system does that by itself, keeps
// of the next version what differs alone, and could do neither with compressed
// bytes, which would also be others with another version of Go.
func zipped(files []tree.File) ([]byte, error) {
	var out bytes.Buffer
	size := 1 << 10
	for _, f := range files {
		size += len(f.Data) + 2*len(f.Path) + 128 // what zip adds for each
	}
	out.Grow(size)
	w := zip.NewWriter(&out)
	for _, f := range files {
		e, err := w.CreateHeader(&zip.FileHeader{Name: f.Path, Method: zip.Store})
		if err != nil {
			return nil, err
		}
		if _, err := e.Write(f.Data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

// ErrNoState means that a directory holds no state of a generation.
var ErrNoState = errors.New("no " + stateDir + " directory")

// ReadState reads the state of the project whose root is fsys. It is
// [ErrNoState] when there is none; a damaged state is an error that names the
// damage, since a wrong base would lose edits.
func ReadState(fsys fs.FS) (*State, error) {
	manifest, err := fs.ReadFile(fsys, ManifestPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoState
	}
	if err != nil {
		return nil, err
	}
	s := &State{}
	if err := json.Unmarshal(manifest, s); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", ManifestPath, err)
	}
	if s.Schema != StateSchema {
		return nil, fmt.Errorf("%s has schema %d, and this sessionseed (which knows %d) is too old to read it", ManifestPath, s.Schema, StateSchema)
	}
	if s.Base, err = unzipped(fsys, basePath, s.Files, func(f FileState) string { return f.SHA256 }); err != nil {
		return nil, err
	}
	pending := slices.DeleteFunc(slices.Clone(s.Files), func(f FileState) bool { return f.Pending == "" })
	if len(pending) > 0 {
		if s.Pending, err = unzipped(fsys, PendingPath, pending, func(f FileState) string { return f.Pending }); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// unzipped reads the named files out of an archive and compares their hashes.
func unzipped(fsys fs.FS, name string, files []FileState, want func(FileState) string) (map[string][]byte, error) {
	archive, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", name, unwrapPath(err))
	}
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", name, err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		data, err := readEntry(r, f.Path)
		if err != nil {
			return nil, fmt.Errorf("%s lacks %q: %w", name, f.Path, err)
		}
		if sum := sha256.Sum256(data); !strings.EqualFold(hex.EncodeToString(sum[:]), want(f)) {
			return nil, fmt.Errorf("%s: %q is not what %s says it is", name, f.Path, ManifestPath)
		}
		out[f.Path] = data
	}
	return out, nil
}

// maxEntry bounds one file of an archive, so that a manipulated one cannot fill
// the memory.
const maxEntry = 16 << 20

func readEntry(r *zip.Reader, name string) ([]byte, error) {
	e, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	data, err := io.ReadAll(io.LimitReader(e, maxEntry+1))
	if err == nil && len(data) > maxEntry {
		err = errors.New("the entry is too large")
	}
	return data, err
}
