package sources

import (
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/internal/goedit"
)

// Missing is what a project lacks because its owner deleted generated files.
type Missing struct {
	module   string
	names    map[string]map[string]string // directory -> top-level name -> the deleted file that is the cause
	packages map[string]string            // directory of which no file is left -> one of its files
	declared map[string]map[string]int    // directory -> top-level name -> in how many files
}

// Missing returns what the project lacks of the deleted files, which are given by path
// with the text that they would have. It can then be asked about the tests.
func (a After) Missing(module string, deleted map[string][]byte, tests []string) *Missing {
	m := &Missing{
		module: module, names: map[string]map[string]string{}, packages: map[string]string{},
		declared: map[string]map[string]int{},
	}
	look := func(name string) {
		m.names[path.Dir(name)], m.declared[path.Dir(name)] = map[string]string{}, map[string]int{}
	}
	for _, name := range tests {
		look(name)
	}
	for _, name := range slices.Sorted(maps.Keys(deleted)) {
		look(name)
		if IsSource(name) {
			m.packages[path.Dir(name)] = name
		}
	}
	var mu sync.Mutex
	a.Each(func(name string, data []byte) {
		dir := path.Dir(name)
		if m.names[dir] == nil {
			return
		}
		file := goedit.OutlineOf(data)
		mu.Lock()
		defer mu.Unlock()
		if IsSource(name) {
			delete(m.packages, dir)
		}
		for _, name := range file.Declares {
			m.declared[dir][name]++
		}
	})
	for _, name := range slices.Sorted(maps.Keys(deleted)) {
		m.Lose(name, goedit.OutlineOf(deleted[name]), name)
	}
	return m
}

// Lose adds what a file declared that is not there, or is not to be there, because
// another was deleted.
func (m *Missing) Lose(name string, file *goedit.Outline, deleted string) {
	dir := path.Dir(name)
	for _, n := range file.Declares {
		if name != deleted {
			m.declared[dir][n]--
		}
		if m.declared[dir][n] <= 0 {
			m.names[dir][n] = deleted
		}
	}
}

// NeededBy is something that a file needs and the project lacks, and the deleted file
// that is the cause; both are empty if there is nothing of the kind.
func (m *Missing) NeededBy(name string, file *goedit.Outline) (what, where string) {
	for _, imported := range file.Imports {
		dir, ok := strings.CutPrefix(imported, m.module+"/")
		if where, gone := m.packages[dir]; ok && gone {
			return "package " + path.Base(dir), where
		}
	}
	for _, n := range file.Uses {
		if where, gone := m.names[path.Dir(name)][n]; gone {
			return n, where
		}
	}
	return "", ""
}
