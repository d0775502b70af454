// Package render makes a project in memory from options and the living template.
package render

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Render makes the project of o in memory, without the machine state. The error is
// [options.Options.Validate]'s, or a mistake in the templates. Everything but .env is a
// function of o and the generator alone.
func (g *Generator) Render(o options.Options, secrets Secrets) (*tree.Tree, error) {
	p, err := NewPlan(o)
	if err != nil {
		return nil, err
	}
	return g.RenderPlan(p, secrets)
}

// RenderPlan makes the tree of p.
func (g *Generator) RenderPlan(p *Plan, secrets Secrets) (*tree.Tree, error) {
	files, err := g.service(p)
	if err != nil {
		return nil, err
	}
	texts, err := g.prose(p, secrets)
	if err != nil {
		return nil, err
	}
	modules, err := g.modules(p)
	if err != nil {
		return nil, err
	}
	files = append(append(files, texts...), modules...)
	files = append(files, tree.File{Path: "sessionseed.yaml", Mode: 0o644, Class: tree.Config,
		Data: options.EncodeYAML(&p.Options, p.Policy.Explain())})
	return tree.New(files), nil
}

// service copies the chosen files of the living template and edits them.
func (g *Generator) service(p *Plan) ([]tree.File, error) {
	var files []tree.File
	on, pending := regions(&p.Options), len(p.Consts)
	all, err := g.memo.claims(g.Templates)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if !c.in(&p.Options) {
			continue
		}
		class := tree.Scaffolded
		if p.Consts[c.path] != nil {
			class, pending = tree.Generated, pending-1
		}
		files = append(files, tree.File{Path: c.path, Mode: 0o644, Class: class})
	}
	if pending != 0 {
		return nil, errors.New("the template lacks a file of constants that plan.go sets")
	}
	var wg sync.WaitGroup
	problems := make([]error, len(files))
	for i, f := range files {
		src, err := g.memo.source(f.Path, g.Templates)
		if err != nil {
			return nil, err
		}
		key := src.key(p, on)
		if text, ok := g.memo.text(key); ok {
			files[i].Data = text
			continue
		}
		wg.Go(func() {
			files[i].Data, problems[i] = edit(src.path, src.data, p, on, p.Consts[src.path])
			g.memo.keep(key, files[i].Data)
		})
	}
	wg.Wait()
	for i := range files {
		files[i].Path = p.place(files[i].Path)
	}
	return files, errors.Join(problems...)
}

// proseData is what the templates of templates/text see.
type proseData struct {
	Secrets
	Module, Name, GoVersion, StoreURL string
	Port                              string            // on which this machine reaches the service's container
	MaxSessions                       int               // live sessions of a user, if they are limited
	Into                              string            // where added packages are
	HashCommand, AccountCommand       string            // what hashes a password, what makes an account
	BrowserIdle                       string            // when the service ends a session of maxAge session
	Options                           map[string]string // values by koa's names, lists joined by ", "
	Policy                            any               // policy.Decision
	Has                               map[string]bool
}

// prose executes the text templates of the chosen components.
func (g *Generator) prose(p *Plan, secrets Secrets) ([]tree.File, error) {
	effective := p.Options.Effective(p.Policy)
	data := proseData{
		Secrets: secrets, Module: p.Options.Module, Name: p.Name(), GoVersion: GoVersion,
		StoreURL: p.Options.StoreURL(), MaxSessions: effective.MaxSessions,
		Into: p.Options.Into, HashCommand: hashCommand, AccountCommand: "go run . create-user",
		BrowserIdle: options.FormatDuration(p.Options.BrowserIdle()), Options: map[string]string{}, Policy: p.Policy,
		Has: p.Has,
	}
	if isAdded(&p.Options) {
		data.HashCommand = "go run ./" + p.place("internal/hashpassword")
		data.AccountCommand = "go run ./" + p.place("internal/createuser")
	}
	data.Port = "8080" // for the TLS proxy
	if url := p.Policy.PublicURL; !url.HTTPS() {
		_, data.Port, _ = net.SplitHostPort(url.Address())
	}
	for _, d := range options.Table() {
		data.Options[d.Name] = strings.Join(d.Get(&p.Options), ", ")
	}
	var files []tree.File
	for _, c := range components {
		if !p.Has[c.name] {
			continue
		}
		for _, t := range c.texts {
			tmpl, err := g.memo.template(t.template, g.Templates)
			if err != nil {
				return nil, err
			}
			var out bytes.Buffer
			if err := tmpl.Execute(&out, data); err != nil {
				return nil, err
			}
			files = append(files, tree.File{Path: t.path, Mode: fs.FileMode(t.mode), Class: t.class, Data: out.Bytes()})
		}
	}
	return files, nil
}
