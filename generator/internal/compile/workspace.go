package compile

import (
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// Workspace is the path of the go.work that the go command uses for the module in
// dir: one in dir or above it, or the one that gowork, the value of GOWORK, names. It
// is empty if there is none.
func Workspace(dir, gowork string) string {
	dir, err := realPath(dir)
	if err != nil || gowork == "off" {
		return ""
	}
	name := gowork
	for at := dir; name == ""; at = filepath.Dir(at) {
		if info, err := os.Stat(filepath.Join(at, "go.work")); err == nil && info.Mode().IsRegular() {
			name = filepath.Join(at, "go.work")
		} else if at == filepath.Dir(at) {
			return ""
		}
	}
	return name
}

func realPath(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

// LeftOutBy is the path of the go.work because of which the go command refuses to
// build the module in dir, since none of its use lines names it; "" if there is none.
func LeftOutBy(dir, gowork string) string {
	name := Workspace(dir, gowork)
	dir, err := realPath(dir)
	if err != nil || name == "" {
		return ""
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	work, err := modfile.ParseWork(name, data, nil)
	if err != nil {
		return "" // the go command says what is wrong with it
	}
	for _, use := range work.Use {
		used := filepath.FromSlash(use.Path)
		if !filepath.IsAbs(used) {
			used = filepath.Join(filepath.Dir(name), used)
		}
		if used, err := filepath.EvalSymlinks(used); err == nil && used == dir {
			return ""
		}
	}
	return name
}
