package generator

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Vacant is the reason why [Create] would refuse to write into dir, nil if it
// would not. What a killed creation left there is no reason: Create takes it
// back. Nothing is written.
func Vacant(dir string, force bool) error {
	names, _, err := standing(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		if info, stat := os.Stat(dir); stat == nil && !info.IsDir() {
			return &Problem{"", fmt.Sprintf("%q is a file, not a directory", dir), "choose another name"}
		}
		return &Problem{"", fmt.Sprintf("cannot look into %q: %v", dir, unwrapPath(err)), "choose another directory, or mend its permissions"}
	case len(names) > 0 && !force:
		return &Problem{"", fmt.Sprintf("directory %q is not empty: it holds %s", dir, listed(names)),
			"choose another directory; --force writes into this one, and regenerate changes an existing project"}
	}
	return nil
}

// journalLine is a file that a creation moves into its place.
type journalLine struct{ path, sum string }

// writeJournal lists the files of tree with their hashes, by rename, so that
// a journal is either whole or absent.
func writeJournal(stage string, tree *Tree) error {
	var b strings.Builder
	for _, f := range tree.Files {
		fmt.Fprintf(&b, "%x %s\n", sha256.Sum256(f.Data), f.Path)
	}
	part := filepath.Join(stage, "journal.part")
	if err := os.WriteFile(part, []byte(b.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(part, filepath.Join(stage, "journal"))
}

// readJournalOf reads the journal of a stage in the directory root. Without one
// no file had been moved, and the list is empty.
func readJournalOf(root *os.Root, stage string) ([]journalLine, error) {
	journal, err := root.ReadFile(filepath.Join(stage, "journal"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var lines []journalLine
	for line := range strings.Lines(string(journal)) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		lines = append(lines, journalLine{name, sum})
	}
	return lines, nil
}

// unfinished reports whether a file of the journal waits in the stage and is
// not in its place. Where none does, the killed run had made a whole project,
// and that is its owner's.
func unfinished(root *os.Root, stage string, journal []journalLine) bool {
	return slices.ContainsFunc(journal, func(l journalLine) bool {
		_, waits := root.Lstat(filepath.Join(stage, "files", local(l.path)))
		_, there := root.Lstat(local(l.path))
		return waits == nil && there != nil
	})
}

// standing lists what stands in dir apart from what killed creations left
// there, and the stages of these.
func standing(dir string) (names, stages []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	left := map[string]string{} // path -> hash, empty for a directory
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), stagePrefix) {
			continue
		}
		stages = append(stages, e.Name())
		journal, err := readJournalOf(root, e.Name())
		if err != nil {
			return nil, nil, err
		}
		if !unfinished(root, e.Name(), journal) {
			continue
		}
		for _, l := range journal {
			left[l.path] = l.sum
			for d := path.Dir(l.path); d != "."; d = path.Dir(d) {
				left[d] = ""
			}
		}
	}
	for _, e := range entries {
		if !slices.Contains(stages, e.Name()) && !allLeft(root, e.Name(), left) {
			names = append(names, e.Name())
		}
	}
	return names, stages, nil
}

// errOther means that something is not what a killed creation left.
var errOther = errors.New("something else")

// allLeft reports whether nothing but leftovers is at and below name.
func allLeft(root *os.Root, name string, left map[string]string) bool {
	return fs.WalkDir(root.FS(), name, func(name string, e fs.DirEntry, err error) error {
		sum, known := left[name]
		switch {
		case err != nil || !known || e.IsDir() != (sum == ""):
			return errOther
		case !e.IsDir() && !hasSum(root, name, sum):
			return errOther
		}
		return nil
	}) == nil
}

func hasSum(root *os.Root, name, sum string) bool {
	f, err := readIn(root, name)
	return err == nil && f != nil && f.sum() == sum
}

// clearStage removes a stage that a killed creation left in dir, after it has
// taken back what that one had moved, unless that was all.
func clearStage(dir, stage string) error {
	return withJournal(dir, stage, func(root *os.Root, journal []journalLine) error {
		if unfinished(root, stage, journal) {
			return removeMoved(root, stage, journal)
		}
		return root.RemoveAll(stage)
	})
}

// takeBack undoes a creation that did not come to its end.
func takeBack(dir, stage string) error {
	return withJournal(dir, stage, func(root *os.Root, journal []journalLine) error {
		return removeMoved(root, stage, journal)
	})
}

func withJournal(dir, stage string, do func(root *os.Root, journal []journalLine) error) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	journal, err := readJournalOf(root, stage)
	if err != nil {
		return err
	}
	return do(root, journal)
}

// removeMoved removes each file that the journal of the stage lists and that
// still has the journal's bytes, the directories that this leaves empty, and the
// stage itself.
func removeMoved(root *os.Root, stage string, journal []journalLine) error {
	for _, l := range journal {
		if hasSum(root, l.path, l.sum) {
			if err := root.Remove(local(l.path)); err != nil {
				return err
			}
		}
		for d := path.Dir(l.path); d != "."; d = path.Dir(d) {
			// Of a/b a killed run may have made a alone.
			if err := root.Remove(local(d)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				break // not empty
			}
		}
	}
	return root.RemoveAll(stage)
}

// dropStages removes what is left of creations that were killed after their
// last file.
func (p *project) dropStages() error {
	entries, err := fs.ReadDir(p.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), stagePrefix) {
			continue
		}
		journal, err := readJournalOf(p.root, e.Name())
		if err != nil {
			return err
		}
		if len(journal) > 0 && !unfinished(p.root, e.Name(), journal) {
			if err := p.root.RemoveAll(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

func listed(names []string) string {
	slices.Sort(names)
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + fmt.Sprintf(" and %d more", len(names)-3)
	}
	return strings.Join(names, ", ")
}
