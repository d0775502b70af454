package mount

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxFile bounds a file that is read, in bytes.
const maxFile = 1 << 20

// Find looks through the module in dir. web is the import path of the package that was
// added; routes, such as "POST /login", are those that it answers.
func Find(dir, web string, routes []string) *Mount {
	var best place
	notes := map[string]string{} // fact -> file
	var exits []exit
	requires, _ := os.ReadFile(filepath.Join(dir, "go.mod"))
	_ = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(dir, name)
		switch base := filepath.Base(name); {
		case err != nil || relErr != nil:
			return nil
		case e.IsDir() && rel != ".":
			_, nested := os.Lstat(filepath.Join(name, "go.mod"))
			if base[0] == '.' || base[0] == '_' || base == "vendor" || base == "testdata" || base == "node_modules" ||
				nested == nil {
				return filepath.SkipDir
			}
			return nil
		case !e.Type().IsRegular() || filepath.Ext(base) != ".go" || strings.HasSuffix(base, "_test.go"):
			return nil
		}
		if ok, err := build.Default.MatchFile(filepath.Dir(name), filepath.Base(name)); err != nil || !ok {
			return nil
		}
		if info, err := e.Info(); err != nil || info.Size() > maxFile {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil
		}
		f := parse(filepath.ToSlash(rel), src, web)
		if f == nil {
			return nil
		}
		exits = append(exits, f.remark(routes, notes)...)
		for _, p := range f.places() {
			if p.rank > best.rank {
				best = p
			}
		}
		return nil
	})
	m := &best.Mount
	if best.rank == 0 {
		m = example(string(requires), web)
	}
	m.withoutFatal(notes, exits)
	for fact, file := range notes {
		m.Notes = append(m.Notes, file+" "+fact)
	}
	slices.Sort(m.Notes)
	return m
}
