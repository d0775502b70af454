package state

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// ErrNoState means that a directory holds no state of a generation.
var ErrNoState = errors.New("no " + project.StateDir + " directory")

// ErrNewerState means that a newer generator wrote the state in another form.
var ErrNewerState = errors.New("this sessionseed is too old to read it")

// ReadState reads the state of a project. It is [ErrNoState] when there is none,
// [ErrNewerState] when there is one of a newer form, and else an error that names
// the damage: a wrong base would lose edits.
//
// A merge of version control that stopped at a conflict in the state is settled:
// either side is a base from which the next run gets to what the options say now,
// since what the other side generated is what it will generate again. Where a file
// is in both, that of ours counts.
func ReadState(p *project.Project) (*State, error) {
	data, err := stateFile(p, project.ManifestPath)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, ErrNoState
	}
	if len(data) > maxManifest {
		return nil, damaged(project.ManifestPath, fmt.Errorf("it is larger than %d MiB", maxManifest>>20))
	}
	manifests, err := sides(data)
	if err != nil {
		return nil, damaged(project.ManifestPath, err)
	}
	var found *State
	var problems error
	for _, text := range manifests {
		s, err := readSide(p, text, len(manifests) > 1)
		switch {
		case err != nil && found == nil:
			problems = cmp.Or(problems, err)
		case found == nil:
			found = s
		case err == nil:
			found.add(s)
		}
	}
	if found == nil {
		return nil, problems
	}
	p.In(strings.Join(found.Options["into"], ""))
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
func readSide(p *project.Project, text []byte, settling bool) (*State, error) {
	var head struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, damaged(project.ManifestPath, err)
	}
	switch {
	case head.Schema == 1:
		s, err := readZipped(p, text)
		if err == nil {
			s.Settled = settling
		}
		return s, err
	case head.Schema < 1:
		return nil, damaged(project.ManifestPath, errors.New("it names no schema"))
	case head.Schema != stateSchema:
		return nil, fmt.Errorf("%s has schema %d and not %d: %w", project.ManifestPath, head.Schema, stateSchema,
			ErrNewerState)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, damaged(project.ManifestPath, err)
	}
	delete(m.Options, "")
	into := strings.Join(m.Options["into"], "")
	if into != "" && options.CheckInto(into) != nil {
		return nil, damaged(project.ManifestPath, fmt.Errorf("it has the packages in %q", into))
	}
	p.In(into)
	s := &State{
		Generator: m.Generator,
		Options:   m.Options,
		Settled:   settling,
		Base:      map[string][]byte{},
		Pending:   map[string][]byte{},
	}
	notes, waiting := map[string][]string{}, false
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		about := m.Files[name]
		if about == nil {
			continue
		}
		if len(about) < 2 {
			return nil, damaged(project.ManifestPath, fmt.Errorf("%q lacks its class or its mode", name))
		}
		f, err := fileState(p, name, tree.Class(about[0]), about[1])
		if err != nil {
			return nil, err
		}
		s.Files, notes[name] = append(s.Files, f), about[2:]
		waiting = waiting || slices.Contains(about[2:], pendingNote) || slices.Contains(about[2:], pendingQuotedNote)
	}
	var pending []map[string][]byte
	base, err := archive(p, project.BasePath)
	if err == nil && waiting {
		pending, err = archive(p, project.PendingPath)
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
			err = damaged(project.BasePath, err)
		} else if _, place := base[0][f.Path]; !ok && !place && !s.Settled {
			err = damaged(project.BasePath, fmt.Errorf("%q is missing", f.Path))
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
			return nil, damaged(project.PendingPath, err)
		}
		if _, known := s.File(name); ok && known {
			s.Pending[name] = text
		}
	}
	return s, nil
}

// dropped takes up the files that one side of a merge has dropped and the other has
// changed: their owner may have kept them.
func (s *State) dropped(p *project.Project, base []map[string][]byte) {
	for _, parts := range base {
		for _, name := range slices.Sorted(maps.Keys(parts)) {
			if _, known := s.Base[name]; known || len(parts[name]) == 0 || !p.Owned.Generated(name) {
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
func archive(p *project.Project, name string) ([]map[string][]byte, error) {
	data, err := stateFile(p, name)
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
