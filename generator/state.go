package generator

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
)

const (
	stateDir     = ".sessionseed"
	manifestPath = stateDir + "/manifest.json"
	basePath     = stateDir + "/base.zip"
	pendingPath  = stateDir + "/pending.zip"
	// stateSchema counts incompatible changes of the files in stateDir.
	stateSchema = 1
)

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
func (s *State) file(path string) (FileState, bool) {
	for _, f := range s.Files {
		if f.Path == path {
			return f, true
		}
	}
	return FileState{}, false
}

// FileState describes one generated file.
type FileState struct {
	Path   string `json:"path"`
	Class  Class  `json:"class"`
	Mode   string `json:"mode"` // octal
	SHA256 string `json:"sha256"`
	// Pending is the hash of the file's entry in pending.zip.
	Pending string `json:"pending,omitempty"`
}

// WithState is tree with the files of .sessionseed/.
func WithState(tree *Tree, o Options, version string) (*Tree, error) {
	files, err := EncodeState(tree, o, version)
	if err != nil {
		return nil, err
	}
	return tree.With(files...), nil
}

// EncodeState makes the files of .sessionseed/ for tree, byte for byte
// reproducible. Secret files stay out of it.
func EncodeState(tree *Tree, o Options, version string) ([]File, error) {
	return encodeState(tree, nil, o, version)
}

// encodeState is EncodeState with the texts that wait for markers to be settled.
func encodeState(tree *Tree, pending map[string]File, o Options, version string) ([]File, error) {
	s := State{Schema: stateSchema, Generator: version, Options: map[string][]string{}}
	if d, err := o.Policy(); err == nil {
		o = o.canonical(d)
	}
	for _, d := range table {
		s.Options[d.Name] = d.get(&o)
	}
	var base, waiting []File
	for _, f := range tree.Files {
		if f.Class == Secret || f.Class == StateFile {
			continue
		}
		base = append(base, f)
		fs := FileState{Path: f.Path, Class: f.Class, Mode: fmt.Sprintf("%04o", f.Mode), SHA256: f.asDisk().sum()}
		if w, ok := pending[f.Path]; ok {
			waiting = append(waiting, w)
			fs.Pending = w.asDisk().sum()
		}
		s.Files = append(s.Files, fs)
	}
	manifest, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, err
	}
	files := []File{{manifestPath, 0o644, StateFile, append(manifest, '\n')}}
	for _, z := range []struct {
		path  string
		files []File
	}{{basePath, base}, {pendingPath, waiting}} {
		if z.path == pendingPath && len(z.files) == 0 {
			continue
		}
		data, err := zipped(z.files)
		if err != nil {
			return nil, err
		}
		files = append(files, File{z.path, 0o644, StateFile, data})
	}
	return files, nil
}

// zipped packs files without times, so that the same files give the same bytes.
// They are not compressed: a version control system does that by itself, keeps
// of the next version what differs alone, and could do neither with compressed
// bytes, which would also be others with another version of Go.
func zipped(files []File) ([]byte, error) {
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
	manifest, err := fs.ReadFile(fsys, manifestPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoState
	}
	if err != nil {
		return nil, err
	}
	s := &State{}
	if err := json.Unmarshal(manifest, s); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", manifestPath, err)
	}
	if s.Schema != stateSchema {
		return nil, fmt.Errorf("%s has schema %d, and this sessionseed (which knows %d) is too old to read it", manifestPath, s.Schema, stateSchema)
	}
	if s.Base, err = unzipped(fsys, basePath, s.Files, func(f FileState) string { return f.SHA256 }); err != nil {
		return nil, err
	}
	pending := slices.DeleteFunc(slices.Clone(s.Files), func(f FileState) bool { return f.Pending == "" })
	if len(pending) > 0 {
		if s.Pending, err = unzipped(fsys, pendingPath, pending, func(f FileState) string { return f.Pending }); err != nil {
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
			return nil, fmt.Errorf("%s: %q is not what %s says it is", name, f.Path, manifestPath)
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
