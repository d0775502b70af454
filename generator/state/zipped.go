package state

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// zippedManifest is a manifest of schema 1. It has the hashes of the files in the zip
// archives beside it.
// It is read to bring a project up to date, and never written.
type zippedManifest struct {
	Generator string              `json:"generator"`
	Options   map[string][]string `json:"options"`
	Files     []struct {
		Path    string     `json:"path"`
		Class   tree.Class `json:"class"`
		Mode    string     `json:"mode"`
		SHA256  string     `json:"sha256"`
		Pending string     `json:"pending"` // the hash of what pending.zip has
	} `json:"files"`
}

func readZipped(p *project.Project, data []byte) (*State, error) {
	var m zippedManifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, damaged(project.ManifestPath, err)
	}
	s := &State{Generator: m.Generator, Options: m.Options, Base: map[string][]byte{}, Pending: map[string][]byte{}}
	base, pending := map[string]string{}, map[string]string{}
	for _, f := range m.Files {
		about, err := fileState(p, f.Path, f.Class, f.Mode)
		if err != nil {
			return nil, err
		}
		s.Files, base[f.Path] = append(s.Files, about), f.SHA256
		if f.Pending != "" {
			pending[f.Path] = f.Pending
		}
	}
	if err := unzip(p, project.ZippedBase, base, s.Base); err != nil {
		return nil, err
	}
	if len(pending) > 0 {
		if err := unzip(p, project.ZippedPending, pending, s.Pending); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// unzip reads files with the given hashes out of an archive. All of them together
// have at most the bytes of one file of a project.
func unzip(p *project.Project, name string, sums map[string]string, into map[string][]byte) error {
	archive, err := stateFile(p, name)
	if err != nil {
		return err
	}
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return damaged(name, err)
	}
	left := int64(project.MaxFile)
	for path, sum := range sums {
		data, err := readEntry(r, path, left)
		if err != nil {
			return damaged(name, fmt.Errorf("%q: %w", path, err))
		}
		left -= int64(len(data))
		if (&tree.Blob{Data: data}).Sum() != sum {
			return damaged(name, fmt.Errorf("%q is not what %s says", path, project.ManifestPath))
		}
		into[path] = data
	}
	return nil
}

func readEntry(r *zip.Reader, name string, limit int64) ([]byte, error) {
	e, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	data, err := io.ReadAll(io.LimitReader(e, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errors.New("the files are too large")
	}
	return data, err
}
