package main

import (
	"errors"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
)

// typeError type-checks the package of a file with our result in its place,
// the other files as the people left them, and imports unknown. It returns the
// first error that the people's own file does not have, "" if there is none.
func typeError(e entry, b *blobs, got []byte) (string, error) {
	people, err := b.read(e.result)
	if err != nil {
		return "", err
	}
	names, err := siblings(e)
	if err != nil {
		return "", err
	}
	sources := map[string][]byte{}
	for _, name := range names {
		if data, err := b.read(e.merge + ":" + path.Join(path.Dir(e.name), name)); err == nil {
			sources[name] = data
		}
	}
	had := check(e, sources, people)
	for _, msg := range check(e, sources, got) {
		if !slices.Contains(had, msg) {
			return msg, nil
		}
	}
	return "", nil
}

// siblings lists the other Go files of the file's directory in the merge.
func siblings(e entry) ([]string, error) {
	out, err := e.repo.git(nil, "ls-tree", "--name-only", e.merge+":"+strings.TrimSuffix(path.Dir(e.name), "."))
	if err != nil {
		return nil, err
	}
	var names []string
	for l := range strings.Lines(string(out)) {
		if l = strings.TrimSpace(l); path.Ext(l) == ".go" && l != path.Base(e.name) {
			names = append(names, l)
		}
	}
	return names, nil
}

// check returns the messages of the type checker, without positions.
func check(e entry, sources map[string][]byte, data []byte) []string {
	fset := token.NewFileSet()
	main, err := parser.ParseFile(fset, e.name, data, parser.ParseComments)
	if err != nil {
		return []string{err.Error()}
	}
	files := []*ast.File{main}
	test := strings.HasSuffix(e.name, "_test.go")
	for name, src := range sources {
		if strings.HasSuffix(name, "_test.go") && !test || !builds(name, src) {
			continue
		}
		f, err := parser.ParseFile(fset, name, src, parser.ParseComments)
		if err == nil && f.Name.Name == main.Name.Name {
			files = append(files, f)
		}
	}
	var messages []string
	config := types.Config{
		Importer:    nothing{},
		FakeImportC: true,
		Error: func(err error) {
			var te types.Error
			if errors.As(err, &te) && !strings.Contains(te.Msg, "could not import") {
				messages = append(messages, te.Msg)
			}
		},
	}
	config.Check("p", fset, files, nil) //nolint:errcheck // reported through Error
	return messages
}

// nothing imports nothing: the checker then takes what an import has on trust.
type nothing struct{}

func (nothing) Import(string) (*types.Package, error) { return nil, errors.New("unknown") }

// builds reports whether a file is one of linux on amd64.
func builds(name string, src []byte) bool {
	stem := strings.TrimSuffix(strings.TrimSuffix(name, ".go"), "_test")
	for _, word := range strings.Split(stem, "_")[1:] {
		if slices.Contains(strings.Fields("windows darwin freebsd openbsd netbsd solaris plan9 dragonfly aix "+
			"android js wasip1 illumos "+
			"386 arm arm64 ppc64 ppc64le mips mipsle mips64 mips64le s390x riscv64 wasm"), word) {
			return false
		}
	}
	for l := range strings.Lines(string(src)) {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "package ") {
			break
		}
		x, err := constraint.Parse(l)
		if err == nil && !x.Eval(func(tag string) bool {
			return tag == "linux" || tag == "amd64" || tag == "unix" || strings.HasPrefix(tag, "go1.")
		}) {
			return false
		}
	}
	return true
}
