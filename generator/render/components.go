package render

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// component is a part of the service that is in or out as a whole. A claim is
// a directory (with everything under it) or a path.Match pattern of files,
// both relative to templates/service, whose paths are the emitted paths.
type component struct {
	name   string // also the word of its marked regions and its key in the prose templates
	on     func(*options.Options) bool
	claims []string
	texts  []prose
}

// prose is a file made by text/template from templates/text.
type prose struct {
	template string // file name in templates/text
	path     string // path in the emitted project
	class    tree.Class
	mode     uint32
}

var components = []component{
	{name: "base", on: always, claims: []string{
		"*.go", "internal/config", "internal/web", "internal/session", "internal/cors", "internal/ratelimit",
	}, texts: []prose{
		{"README.md.tmpl", "README.md", tree.Scaffolded, 0o644},
		{"env.tmpl", ".env", tree.Secret, 0o600},
		{"env.example.tmpl", ".env.example", tree.Scaffolded, 0o644},
		{"gitignore.tmpl", ".gitignore", tree.Scaffolded, 0o644},
	}},
	{name: "captcha", on: func(o *options.Options) bool { return o.Captcha.Enabled }, claims: []string{
		"internal/captcha", "internal/config/captcha*.go", "internal/web/captcha*.go",
	}},
	{name: "pow", on: func(o *options.Options) bool { return o.Captcha.Enabled && o.Captcha.PoW }, claims: []string{
		"internal/captcha/pow*", "internal/web/pow*.go",
	}},
	{name: "csrf", on: func(o *options.Options) bool { return o.CSRFToken },
		claims: []string{"internal/session/csrf*.go", "internal/web/csrf*.go"}},
	{name: "sessions", on: func(o *options.Options) bool { return o.MaxSessions > 0 }, claims: []string{
		"internal/config/sessions*.go", "internal/session/list*.go", "internal/web/sessionlist*.go",
	}},
	{name: "clearsitedata", on: func(o *options.Options) bool { return o.ClearSiteData },
		claims: []string{"internal/web/clearsitedata*.go"}},
	{name: "demo_csrf", on: func(o *options.Options) bool { return o.Demo && o.CSRFToken },
		claims: []string{"demo/csrf*"}},
	{name: "demo_captcha", on: func(o *options.Options) bool { return o.Demo && o.Captcha.Enabled },
		claims: []string{"demo/captcha*"}},
	{name: "demo_pow", on: func(o *options.Options) bool { return o.Demo && o.Captcha.Enabled && o.Captcha.PoW },
		claims: []string{"demo/pow*"}},
	{name: "store_suite", on: never, claims: []string{"internal/store/storetest"}}, // proves the stores, here
	{name: "store_memory", on: storeIs("memory"), claims: []string{"internal/store/memory"}},
	{name: "store_cookie", on: storeIs("cookie"), claims: []string{"internal/store/cookie"}},
	{name: "store_sqlite", on: storeIs("sqlite"), claims: []string{"internal/store/sqlite"}},
	{name: "store_postgres", on: storeIs("postgres"), claims: []string{"internal/store/postgres"}},
	{name: "store_redis", on: storeIs("redis"), claims: []string{"internal/store/redis"}},
	{name: "demo", on: func(o *options.Options) bool { return o.Demo }, claims: []string{"demo"}},
	{name: "docker", on: func(o *options.Options) bool { return o.Docker }, claims: []string{"healthcheck*.go"},
		texts: []prose{
			{"Dockerfile.tmpl", "Dockerfile", tree.Scaffolded, 0o644},
			{"compose.yaml.tmpl", "compose.yaml", tree.Scaffolded, 0o644},
			{"dockerignore.tmpl", ".dockerignore", tree.Scaffolded, 0o644},
		}},
	{name: "ci", on: func(o *options.Options) bool { return o.CI }, texts: []prose{
		{"ci.yml.tmpl", ".github/workflows/ci.yml", tree.Scaffolded, 0o644},
	}},
}

// testFiles are the files that only tests need, and which choice they travel
// with beside their component; a later row wins. What proves the engine goes to
// owners who ask for it, and what proves a store stays here, beside the suite and
// the servers that it needs.
var testFiles = []struct {
	claims []string
	on     func(*options.Options) bool
}{
	{[]string{"*_test.go", "demo/*_test.go", "internal/config/*_test.go", "internal/web/*_test.go"}, always},
	{[]string{"*_engine_test.go", "demo/*_engine_test.go", "internal/*/*_engine_test.go"}, allTests},
	{[]string{
		"internal/session/*_test.go", "internal/session/*/*_test.go", "internal/captcha/*_test.go",
		"internal/captcha/testdata/*",
		"internal/cors/*_test.go", "internal/ratelimit/*_test.go",
	}, allTests},
	{[]string{"internal/store/*/*_test.go"}, never},
}

// regionWords are the words that marked regions may name.
var regionWords = []string{"captcha", "pow", "csrf", "sessions", "clearsitedata", "docker"}

func always(*options.Options) bool { return true }

func never(*options.Options) bool { return false }

func allTests(o *options.Options) bool { return o.Tests == "all" }

func storeIs(name string) func(*options.Options) bool {
	return func(o *options.Options) bool { return o.Store == name }
}

// has maps each component to whether o chooses it.
func has(o *options.Options) map[string]bool {
	m := map[string]bool{}
	for _, c := range components {
		m[c.name] = c.on(o)
	}
	return m
}

// regions is has, narrowed to the words that marked regions may name, so that
// an unknown word in a template is an error and never a guess.
func regions(o *options.Options) map[string]bool {
	all, m := has(o), map[string]bool{}
	for _, w := range regionWords {
		m[w] = all[w]
	}
	return m
}

// owner finds the component of a file of the living template: the one with
// the longest claim. A file that nobody claims, or two claim alike, is an error.
func owner(file string) (*component, error) {
	var best *component
	length, tie := -1, false
	for i := range components {
		for _, claim := range components[i].claims {
			if !claimed(claim, file) {
				continue
			}
			switch n := len(claim); {
			case n > length:
				best, length, tie = &components[i], n, false
			case n == length && best != &components[i]:
				tie = true
			}
		}
	}
	switch {
	case best == nil:
		return nil, fmt.Errorf("no component claims the template file %q: add it to components.go", file)
	case tie:
		return nil, fmt.Errorf("two components claim the template file %q alike: make one claim longer in "+
			"components.go", file)
	}
	return best, nil
}

// travels reports whether o takes a file of the living template. A file that no
// component claims, or a test file of which testFiles says nothing, is an error.
func travels(file string, o *options.Options) (bool, error) {
	c, err := owner(file)
	if err != nil {
		return false, err
	}
	if !c.on(o) {
		return false, nil
	}
	rows := testRows(file)
	if len(rows) == 0 {
		if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "/testdata/") {
			return false, fmt.Errorf("no row of testFiles in components.go says with which tests the template "+
				"file %q goes", file)
		}
		return true, nil
	}
	return testFiles[rows[len(rows)-1]].on(o), nil
}

// testRows are the rows of testFiles that speak of a file.
func testRows(file string) (rows []int) {
	for i, row := range testFiles {
		if slices.ContainsFunc(row.claims, func(claim string) bool { return claimed(claim, file) }) {
			rows = append(rows, i)
		}
	}
	return rows
}

func claimed(claim, file string) bool {
	fixed, _, pattern := strings.Cut(claim, "*")
	rest, begins := strings.CutPrefix(file, fixed)
	if !begins || !pattern { // most claims go no further
		return begins && (rest == "" || rest[0] == '/')
	}
	ok, _ := path.Match(claim, file) // a malformed pattern claims nothing, which a test notices
	return ok
}

// Owned is a tree of every file that the generator makes for some options, without
// the contents: what a project's state may name.
func (g *Generator) Owned() *tree.Tree {
	var every []options.Options // between them they choose every component
	stores, _ := options.Lookup("store")
	for _, store := range stores.Values {
		o := options.Defaults()
		o.Store, o.Tests, o.CSRFToken, o.MaxSessions = store, "all", true, 1
		o.Captcha.Enabled, o.Captcha.PoW = true, true
		o.ClearSiteData, o.Demo, o.Docker, o.CI = true, true, true, true
		every = append(every, o)
	}
	files := []tree.File{{Path: "sessionseed.yaml", Mode: 0o644, Class: tree.Config}}
	for _, name := range []string{"go.mod", "go.sum"} {
		files = append(files, tree.File{Path: name, Mode: 0o644, Class: tree.Modules})
	}
	for _, c := range components {
		for _, t := range c.texts {
			files = append(files, tree.File{Path: t.path, Mode: fs.FileMode(t.mode), Class: t.class})
		}
	}
	// A template that cannot be walked makes no project either, which rendering reports.
	_ = fs.WalkDir(g.Templates, "service", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel := strings.TrimPrefix(name, "service/")
		if slices.ContainsFunc(every, func(o options.Options) bool {
			in, err := travels(rel, &o)
			return in && err == nil
		}) {
			files = append(files, tree.File{Path: rel, Mode: 0o644, Class: tree.Scaffolded})
		}
		return nil
	})
	return tree.New(files)
}
