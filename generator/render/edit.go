package render

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/goedit"
	"github.com/sessionseed/sessionseed/generator/options"
)

// servicePath is the import path of the living template. It is unique enough
// to be replaced wherever it stands, comments included.
const servicePath = "github.com/sessionseed/sessionseed/templates/service"

// What the living template imports where a project imports what it chose: a
// store in main.go, another one in its accounts, which need a database, and the
// account of the environment.
const (
	templateStore    = servicePath + "/internal/store/memory"
	templateDatabase = servicePath + "/internal/store/sqlite"
	templateAccounts = servicePath + "/internal/account/env"
)

// repoint is the import path, in the living template, of what o chose in place of
// what a file imports there.
func repoint(file, importPath string, o *options.Options) string {
	switch {
	case opensStore(file) && importPath == templateStore,
		!strings.HasPrefix(file, "internal/store/") && importPath == templateDatabase:
		return servicePath + "/internal/store/" + o.Store
	case importPath == templateAccounts && hasAccounts(o):
		return servicePath + "/internal/account"
	}
	return importPath
}

// opensStore reports whether a file of the living template is the one that imports
// the chosen store, in place of templateStore.
func opensStore(name string) bool { return name == "main.go" || name == "internal/web/mount.go" }

// hashCommand is what hashes a password in a project of new, whose main package
// does it; a project of add has a program of its own for it.
const hashCommand = "go run . hash-password"

// edit turns one file of the living template into that of the project.
func edit(name string, data []byte, p *Plan, on map[string]bool, values map[string]string) ([]byte, error) {
	pruned, err := goedit.Prune(name, data, on)
	if err != nil || path.Ext(name) != ".go" {
		return pruned, err
	}
	changed := values != nil || !bytes.Equal(pruned, data) // by more than import paths
	data, err = goedit.RewriteImports(pruned, func(importPath string) string {
		importPath = repoint(name, importPath, &p.Options)
		if rest, ok := strings.CutPrefix(importPath, servicePath+"/"); ok {
			return p.Options.Module + "/" + p.place(rest)
		} else if importPath == servicePath {
			return p.Options.Module
		}
		return importPath
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if bytes.Contains(data, []byte(servicePath)) { // in comments and strings
		packages := p.Options.Module + "/" + cmp.Or(p.Options.Into, "internal") + "/"
		data = bytes.ReplaceAll(data, []byte(servicePath+"/internal/"), []byte(packages))
		data, changed = bytes.ReplaceAll(data, []byte(servicePath), []byte(p.Options.Module)), true
	}
	if p.Options.Into != "" && bytes.Contains(data, []byte(hashCommand)) {
		tool := "go run ./" + p.place("internal/hashpassword")
		data, changed = bytes.ReplaceAll(data, []byte(hashCommand), []byte(tool)), true
	}
	if values != nil {
		if data, err = goedit.SetConsts(data, values); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if !changed && goedit.ImportsInOrder(data) { // the template's files are as gofmt leaves them
		return data, nil
	}
	if data, err = goedit.Format(data); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}
