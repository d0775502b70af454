//go:build ignore

// Gen writes modules.txtar: for each component with dependencies, the go.mod
// and go.sum that `go mod tidy` makes of a project with that component alone,
// pinned to the versions of this repository's own go.mod. Run it with
// go generate ./templates after a dependency of templates/service changed.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/state"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("gen: ", err)
	}
}

func run() error {
	archive := &txtar.Archive{Comment: []byte("Made by go generate ./templates; do not edit.\n")}
	for _, c := range []struct{ component, store, accounts string }{
		{"store_sqlite", "sqlite", "env"}, {"store_postgres", "postgres", "env"}, {"store_redis", "redis", "env"},
		{"accounts_sqlite", "sqlite", "table"}, {"accounts_postgres", "postgres", "table"},
	} {
		files, err := tidy(c.component, c.store, c.accounts)
		if err != nil {
			return fmt.Errorf("%s: %w", c.component, err)
		}
		archive.Files = append(archive.Files, files...)
	}
	return os.WriteFile("modules.txtar", txtar.Format(archive), 0o644)
}

// tidy renders a project with store and accounts, pins exactly the modules that the
// packages of these need in this repository (pinning more would leak versions
// that another component raised), and lets go mod tidy do the rest.
func tidy(component, store, accounts string) ([]txtar.File, error) {
	args := []string{"list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}}{{end}}{{end}}",
		"./service/internal/store/" + store}
	if accounts == "table" {
		args = append(args, "./service/internal/mail", "golang.org/x/crypto/argon2", "golang.org/x/text/unicode/norm",
			"golang.org/x/term")
	}
	pins, err := output(".", "go", args...)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "modules")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)

	o := options.Defaults()
	o.Module, o.Store, o.Accounts = "example.com/project", store, accounts
	g := render.Generator{Templates: withoutModules{os.DirFS(".")}, Version: "gen"}
	tree, err := g.Render(o, render.Secrets{})
	if err != nil {
		return nil, err
	}
	target := filepath.Join(dir, "project")
	if _, err := state.Create(context.Background(), target,
		state.Creation{Tree: tree, Options: o, Version: g.Version, Generated: g.Owned()}); err != nil {
		return nil, err
	}
	args = []string{"mod", "edit"}
	seen := map[string]bool{}
	for _, pin := range strings.Fields(pins) {
		if !seen[pin] {
			args, seen[pin] = append(args, "-require="+pin), true
		}
	}
	if _, err := output(target, "go", args...); err != nil {
		return nil, err
	}
	if _, err := output(target, "go", "mod", "tidy"); err != nil {
		return nil, err
	}
	var files []txtar.File
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(target, name))
		if err != nil {
			return nil, err
		}
		files = append(files, txtar.File{Name: component + "/" + name, Data: data})
	}
	return files, nil
}

// withoutModules is a template tree whose modules.txtar is empty, so that the
// recorded requirements never depend on the last recording.
type withoutModules struct{ fs.FS }

func (w withoutModules) Open(name string) (fs.File, error) {
	if name == "modules.txtar" {
		return fstest.MapFS{name: {}}.Open(name)
	}
	return w.FS.Open(name)
}

func output(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args[:3], " "), err, stderr.Bytes())
	}
	return string(out), nil
}
