package generator

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// tooOld is how the go command says that it is older than the go.mod asks for.
var tooOld = regexp.MustCompile(`requires go >= \S+ \(running go`)

// cannotWork reports whether the go command fails in the same words on a package
// without any fault: then the settings are to blame, or what is installed, and
// nothing was said about the project. Where it fails in other words, the project
// has a fault as well, or instead.
func (c compiler) cannotWork(ctx context.Context, out string) bool {
	if tooOld.MatchString(out) {
		return true
	}
	dir, err := os.MkdirTemp("", "sessionseed-")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	// net is what a service needs cgo and a C compiler for, where there is one.
	for name, text := range map[string]string{"go.mod": "module control\n\ngo " + GoVersion + "\n", "control.go": "package control\n\nimport _ \"net\"\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return false
		}
	}
	c.env = append(slices.Clip(c.env), "PWD="+dir)
	if _, err := os.Stat(os.Getenv("GOWORK")); err == nil || os.Getenv("GOWORK") == "" {
		c.env = append(c.env, "GOWORK=off") // no workspace has this directory
	}
	project := c.dir
	c.dir = dir
	said, err := c.run(ctx)
	return err == nil && said != "" && strings.ReplaceAll(said, dir, project) == out
}
