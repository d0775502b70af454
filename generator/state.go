package generator

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

const (
	stateDir     = ".sessionseed"
	manifestPath = stateDir + "/manifest.json"
	basePath     = stateDir + "/base.zip"
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
}

// FileState describes one generated file.
type FileState struct {
	Path   string `json:"path"`
	Class  Class  `json:"class"`
	Mode   string `json:"mode"` // octal
	SHA256 string `json:"sha256"`
}

// EncodeState makes the files of .sessionseed/ for tree, byte for byte
// reproducible. Secret files stay out of it.
func EncodeState(tree *Tree, o Options, version string) ([]File, error) {
	s := State{Schema: stateSchema, Generator: version, Options: map[string][]string{}}
	for _, d := range table {
		s.Options[d.Name] = d.get(&o)
	}
	var base bytes.Buffer
	w := zip.NewWriter(&base)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	for _, f := range tree.Files {
		if f.Class == Secret || f.Class == StateFile {
			continue
		}
		sum := sha256.Sum256(f.Data)
		s.Files = append(s.Files, FileState{f.Path, f.Class, fmt.Sprintf("%04o", f.Mode), hex.EncodeToString(sum[:])})
		e, err := w.CreateHeader(&zip.FileHeader{Name: f.Path, Method: zip.Deflate}) // no time: the same tree gives the same bytes
		if err != nil {
			return nil, err
		}
		if _, err := e.Write(f.Data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	manifest, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, err
	}
	return []File{
		{manifestPath, 0o644, StateFile, append(manifest, '\n')},
		{basePath, 0o644, StateFile, base.Bytes()},
	}, nil
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
	s := &State{Base: map[string][]byte{}}
	if err := json.Unmarshal(manifest, s); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", manifestPath, err)
	}
	if s.Schema != stateSchema {
		return nil, fmt.Errorf("%s has schema %d, and this sessionseed (which knows %d) is too old to read it", manifestPath, s.Schema, stateSchema)
	}
	base, err := fs.ReadFile(fsys, basePath)
	if err != nil {
		return nil, err
	}
	r, err := zip.NewReader(bytes.NewReader(base), int64(len(base)))
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", basePath, err)
	}
	for _, f := range s.Files {
		data, err := fs.ReadFile(r, f.Path)
		if err != nil {
			return nil, fmt.Errorf("%s lacks %q: %w", basePath, f.Path, err)
		}
		if sum := sha256.Sum256(data); !strings.EqualFold(hex.EncodeToString(sum[:]), f.SHA256) {
			return nil, fmt.Errorf("%s: %q is not what %s says it is", basePath, f.Path, manifestPath)
		}
		s.Base[f.Path] = data
	}
	return s, nil
}
