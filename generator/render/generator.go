package render

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"text/template"
)

// Generator renders projects from a template tree. It is immutable and safe
// for concurrent use.
type Generator struct {
	// Templates holds service/ (the living template), text/ (prose) and
	// modules.txtar (go.mod and go.sum of each component with dependencies).
	Templates fs.FS
	// Version of the generator, for the state of the projects it writes.
	Version string

	memo *memo // nil: nothing is remembered
}

// memo remembers what renderings of related options have in common: most files of
// the living template are the same in all of them. A nil memo remembers nothing.
type memo struct {
	claimed   func() ([]claim, error)
	sources   sync.Map // path -> *source
	texts     sync.Map // key of a source -> []byte
	templates sync.Map // name -> *template.Template
}

// Remembering is g for several renderings of related options: all but the first
// take a fraction of the time. It keeps every file that it made, so it is to be
// dropped once these renderings are done.
func (g *Generator) Remembering() *Generator {
	if g.memo != nil {
		return g
	}
	claimed := sync.OnceValues(func() ([]claim, error) { return claims(g.Templates) })
	return &Generator{Templates: g.Templates, Version: g.Version, memo: &memo{claimed: claimed}}
}

// claims says of each file of the living template who has it.
func (m *memo) claims(templates fs.FS) ([]claim, error) {
	if m == nil {
		return claims(templates)
	}
	return m.claimed()
}

// source is one file of the living template.
type source struct {
	path    string
	data    []byte
	regions bool // it has marked regions
	choices bool // it imports what a project may have another one for
}

// source reads a file of the living template.
func (m *memo) source(path string, templates fs.FS) (*source, error) {
	if m != nil {
		if s, ok := m.sources.Load(path); ok {
			return s.(*source), nil
		}
	}
	data, err := fs.ReadFile(templates, "service/"+path)
	if err != nil {
		return nil, err
	}
	s := &source{path, data, bytes.Contains(data, []byte("sessionseed:if")), false}
	for _, path := range []string{templateStore, templateDatabase, templateAccounts} {
		s.choices = s.choices || bytes.Contains(data, []byte(`"`+path+`"`))
	}
	if m != nil {
		m.sources.Store(path, s)
	}
	return s, nil
}

// key is all that the text of a file in a project depends on: the module path, the
// directory of the packages, the constants that are set in it, the marked regions if
// it has any, and the choices that its imports follow.
func (s *source) key(p *Plan, on map[string]bool) string {
	key := s.path + "\n" + p.Options.Module + "\n" + p.Options.Into
	if values := p.Consts[s.path]; values != nil {
		key += fmt.Sprintf("\n%q", values) // maps print sorted
	}
	if s.regions {
		key += fmt.Sprintf("\n%v", on)
	}
	if s.choices {
		key += "\n" + p.Options.Store + "\n" + p.Options.Accounts
	}
	return key
}

// text is the text of a key, if it is known.
func (m *memo) text(key string) ([]byte, bool) {
	if m == nil {
		return nil, false
	}
	data, ok := m.texts.Load(key)
	if !ok {
		return nil, false
	}
	return slices.Clip(data.([]byte)), true
}

func (m *memo) keep(key string, text []byte) {
	if m != nil && text != nil {
		m.texts.Store(key, text)
	}
}

// template parses a template of templates/text, with what they share. Executing it is safe for
// concurrent use.
func (m *memo) template(name string, templates fs.FS) (*template.Template, error) {
	if m != nil {
		if t, ok := m.templates.Load(name); ok {
			return t.(*template.Template), nil
		}
	}
	t, err := template.New(name).Option("missingkey=error").ParseFS(templates, "text/"+name, "text/shared.tmpl")
	if err == nil && m != nil {
		m.templates.Store(name, t)
	}
	return t, err
}
