package compile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Module is what to check.
type Module struct {
	Dir string // absolute, without symbolic links
	// Changed are the files that differ from those on disk, by slash-separated
	// path; nil is a file that goes. One that goes and is not a Go file is still
	// seen, since the overlay of go/packages cannot hide it.
	Changed map[string][]byte
}

// checker is one check.
type checker struct {
	Module
	overlay map[string][]byte // by absolute path
	env     []string
}

func newChecker(m Module) *checker {
	c := &checker{Module: m, overlay: map[string][]byte{}, env: append(os.Environ(), "PWD="+m.Dir, "GO111MODULE=on")}
	for name, data := range m.Changed {
		if data == nil && filepath.Ext(name) != ".go" {
			continue
		}
		if data == nil {
			data = []byte("//go:build ignore\n\npackage gone\n")
		}
		c.overlay[filepath.Join(m.Dir, filepath.FromSlash(name))] = data
	}
	if LeftOutBy(m.Dir, os.Getenv("GOWORK")) != "" {
		c.env = append(c.env, "GOWORK=off") // as its owner has to
	}
	return c
}

// file is a file of the module as it would be.
func (c *checker) file(name string) []byte {
	if data, changed := c.Changed[name]; changed {
		return data
	}
	data, _ := os.ReadFile(filepath.Join(c.Dir, name)) // absent is empty, and has no module line
	return data
}

// list asks the go command for packages.
func (c *checker) list(ctx context.Context, dir string, overlay map[string][]byte, mode packages.LoadMode, tests bool,
	patterns ...string) ([]*packages.Package, error) {
	environment, flags := c.flags()
	pkgs, err := packages.Load(&packages.Config{
		Context: ctx, Mode: mode, Dir: dir, Env: append(slices.Clip(c.env), environment), BuildFlags: flags,
		Tests: tests, Overlay: overlay,
	}, patterns...)
	if err == nil && len(pkgs) == 0 { // go/packages drops some errors of the go command
		err = errNoPackage
	}
	return pkgs, err
}

var errNoPackage = errors.New("go list finds no package")

// flags are GOFLAGS without what go/packages cannot have there, and the build
// flags: they keep the go command from writing go.mod and go.sum, whatever GOFLAGS
// says, and from a vendor directory that the changed go.mod no longer fits.
func (c *checker) flags() (environment string, build []string) {
	var rest []string
	for f := range strings.FieldsSeq(os.Getenv("GOFLAGS")) {
		if name, ok := strings.CutPrefix(f, "-modfile="); ok {
			if !filepath.IsAbs(name) {
				name = filepath.Join(c.Dir, name)
			}
			build = append(build, "-modfile="+name)
			continue
		}
		rest = append(rest, f)
	}
	_, changed := c.Changed["go.mod"]
	if !exists(filepath.Join(c.Dir, "vendor")) || changed || slices.Contains(rest, "-mod=mod") {
		build = append(build, "-mod=readonly")
	}
	return "GOFLAGS=" + strings.Join(rest, " "), build
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// plain is the message of an error on one line, without what was fetched before it.
func plain(err error) string {
	text := err.Error()
	if e := (packages.Error{}); errors.As(err, &e) {
		text = e.Msg
	}
	if _, said, ok := strings.Cut(text, "stderr: "); ok { // of the go command, as go/packages has it
		text = said
	}
	var words []string
	for l := range strings.Lines(text) {
		if !strings.HasPrefix(l, "go: downloading ") {
			words = append(words, strings.Fields(l)...)
		}
	}
	return strings.Join(words, " ")
}
