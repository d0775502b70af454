package generator

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
)

// ownNeeds asks the go command which requirements and sums the owner's own
// imports need, given the merged go.mod and go.sum: it tidies a module of its
// own, in a temporary directory, that imports what the project imports beside
// the generator's modules. That asks for nothing that the owner has not built,
// where tidying the project would also ask for the new store's modules, which
// may not be here yet. The network is not used; what is not in the module cache
// is an error, and so is a missing go command.
func (u *updater) ownNeeds(ctx context.Context, goMod *modfile.File, goSum []byte) (*modfile.File, map[string]bool, error) {
	command, err := exec.LookPath("go")
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "sessionseed-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)

	data, err := goMod.Format()
	if err != nil {
		return nil, nil, err
	}
	if data, err = absoluteReplaces(data, u.p.dir); err != nil {
		return nil, nil, err
	}
	var source bytes.Buffer
	source.WriteString("package needs\n")
	for _, p := range u.ownImports(goMod) {
		fmt.Fprintf(&source, "\nimport _ %q\n", p)
	}
	for name, data := range map[string][]byte{"go.mod": data, "go.sum": goSum, "needs.go": source.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return nil, nil, err
		}
	}
	tidy := exec.CommandContext(ctx, command, "mod", "tidy")
	tidy.Dir = dir
	tidy.Env = append(os.Environ(), "PWD="+dir, "GOFLAGS=-mod=mod", "GOWORK=off", "GOPROXY=off", "GOSUMDB=off", "GOTOOLCHAIN=local")
	if out, err := tidy.CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("go mod tidy: %w: %s", err, out)
	}
	if data, err = os.ReadFile(filepath.Join(dir, "go.mod")); err != nil {
		return nil, nil, err
	}
	needs, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return nil, nil, err
	}
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil && !os.IsNotExist(err) {
		return nil, nil, err
	}
	return needs, sumLines(sums), nil
}

// ownImports lists, sorted, what the project imports from required modules that
// are not the generator's.
func (u *updater) ownImports(goMod *modfile.File) []string {
	var own, generated []string
	next, _ := u.tree.File("go.mod")
	for _, path := range droppedRequirements([]byte(next.Data), nil) {
		generated = append(generated, path)
	}
	for _, r := range goMod.Require {
		if !slices.Contains(generated, r.Mod.Path) {
			own = append(own, r.Mod.Path)
		}
	}
	var mu sync.Mutex
	paths := map[string]bool{}
	u.staying(func(data []byte) {
		if bytes.Contains(data, []byte("//go:build ignore")) { // go mod tidy leaves it out as well
			return
		}
		for _, p := range importsOf(data) {
			if within(own, p) {
				mu.Lock()
				paths[p] = true
				mu.Unlock()
			}
		}
	})
	list := make([]string, 0, len(paths))
	for p := range paths {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}

// absoluteReplaces makes replacements by directories independent of where the
// go.mod lies.
func absoluteReplaces(goMod []byte, dir string) ([]byte, error) {
	f, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Clone(f.Replace) {
		if strings.HasPrefix(r.New.Path, "./") || strings.HasPrefix(r.New.Path, "../") {
			if err := f.AddReplace(r.Old.Path, r.Old.Version, filepath.Join(dir, filepath.FromSlash(r.New.Path)), ""); err != nil {
				return nil, err
			}
		}
	}
	return f.Format()
}
