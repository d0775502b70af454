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
// both relative to templates/service. Its paths are the emitted paths, but for what
// [tree.Place] puts into another directory than internal.
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
	{name: "main", on: isNew, claims: []string{"*.go"}, texts: []prose{
		{"README.md.tmpl", "README.md", tree.Scaffolded, 0o644},
	}},
	{name: "added", on: isAdded, claims: []string{
		"internal/web/mount*.go", "internal/session/closenotify*.go",
	}, texts: []prose{
		{"SESSIONS.md.tmpl", "SESSIONS.md", tree.Scaffolded, 0o644},
	}},
	{name: "added_account", on: func(o *options.Options) bool { return isAdded(o) && !hasAccounts(o) },
		claims: []string{"internal/hashpassword"}},
	{name: "added_accounts", on: func(o *options.Options) bool { return isAdded(o) && hasAccounts(o) },
		claims: []string{"internal/createuser", "internal/web/mountaccounts*.go"}},
	{name: "added_captcha", on: func(o *options.Options) bool { return isAdded(o) && o.Captcha.Enabled },
		claims: []string{"internal/web/mountcaptcha*.go"}},
	{name: "base", on: always, claims: []string{
		"internal/config", "internal/web", "internal/session", "internal/cors", "internal/ratelimit",
	}, texts: []prose{
		{"env.tmpl", ".env", tree.Secret, 0o600},
		{"env.example.tmpl", ".env.example", tree.Scaffolded, 0o644},
		{"gitignore.tmpl", ".gitignore", tree.Scaffolded, 0o644},
	}},
	{name: "accounts_env", on: func(o *options.Options) bool { return o.Accounts == "env" }, claims: []string{
		"internal/account/env",
	}},
	{name: "main_account", on: func(o *options.Options) bool { return isNew(o) && !hasAccounts(o) },
		claims: []string{"password*.go"}},
	{name: "main_accounts", on: func(o *options.Options) bool { return isNew(o) && hasAccounts(o) },
		claims: []string{"users*.go"}},
	{name: "accounts", on: hasAccounts, claims: []string{
		"internal/account", "internal/mail", "internal/web/accounts*.go", "internal/web/mailbox*.go",
	}},
	{name: "remember", on: remembers, claims: []string{"internal/web/remember*.go"}},
	{name: "magiclink", on: magicLink, claims: []string{
		"internal/account/magiclink*.go", "internal/account/mails/login.txt", "internal/web/magiclink*.go",
	}},
	{name: "accounts_sqlite", on: func(o *options.Options) bool { return hasAccounts(o) && o.Store == "sqlite" },
		claims: []string{"internal/store/sqlite/database.go"}},
	{name: "accounts_postgres", on: func(o *options.Options) bool { return hasAccounts(o) && o.Store == "postgres" },
		claims: []string{"internal/store/postgres/database.go"}},
	{name: "captcha", on: func(o *options.Options) bool { return o.Captcha.Enabled }, claims: []string{
		"internal/captcha", "internal/config/captcha*.go", "internal/web/captcha*.go",
	}},
	{name: "pow", on: func(o *options.Options) bool { return o.Captcha.Enabled && o.Captcha.PoW }, claims: []string{
		"internal/captcha/pow*", "internal/web/pow*.go",
	}},
	{name: "csrf", on: func(o *options.Options) bool { return o.CSRFToken },
		claims: []string{"internal/session/csrf*.go", "internal/web/csrf*.go"}},
	{name: "sessions", on: (*options.Options).ListsSessions, claims: []string{
		"internal/config/sessions*.go", "internal/session/list*.go", "internal/web/sessionlist*.go",
	}},
	{name: "clearsitedata", on: func(o *options.Options) bool { return o.ClearSiteData },
		claims: []string{"internal/web/clearsitedata*.go"}},
	{name: "koa", on: func(o *options.Options) bool { return o.KoaKeys }, claims: []string{
		"internal/koa", "internal/config/koa*.go", "internal/web/koa*.go", "internal/web/fromkoa*.go",
	}},
	{name: "demo_csrf", on: func(o *options.Options) bool { return o.Demo && o.CSRFToken },
		claims: []string{"demo/csrf*"}},
	{name: "demo_accounts", on: func(o *options.Options) bool { return o.Demo && hasAccounts(o) },
		claims: []string{"demo/account*", "demo/mailbox*"}},
	{name: "demo_remember", on: func(o *options.Options) bool { return o.Demo && remembers(o) },
		claims: []string{"demo/remember*"}},
	{name: "demo_magiclink", on: func(o *options.Options) bool { return o.Demo && magicLink(o) },
		claims: []string{"demo/magiclink*"}},
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
		"internal/cors/*_test.go", "internal/koa/*_test.go", "internal/ratelimit/*_test.go",
		"internal/account/*_test.go", "internal/account/env/*_test.go",
	}, allTests},
	{[]string{"internal/web/remember_test.go"}, never}, // it is proved here, and in e2e
	{[]string{"internal/mail/*_test.go"}, never},       // they need a mail server and both databases
	{[]string{"internal/store/*/*_test.go"}, never},
}

// regionWords are the words that marked regions may name.
var regionWords = []string{"captcha", "pow", "csrf", "sessions", "clearsitedata", "accounts"}

func always(*options.Options) bool { return true }

func never(*options.Options) bool { return false }

func hasAccounts(o *options.Options) bool { return o.Accounts == "table" }

// remembers leaves "remember me" out where a session may not go long without use.
func remembers(o *options.Options) bool { return hasAccounts(o) && !o.LimitsInactivity() }

func magicLink(o *options.Options) bool { return hasAccounts(o) && o.MagicLink }

func isNew(o *options.Options) bool { return o.Into == "" }

func isAdded(o *options.Options) bool { return o.Into != "" }

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

// claim is a file of the living template with the component that has it and, for
// a test, when it travels.
type claim struct {
	path  string
	owner *component
	tests func(*options.Options) bool
}

// claims lists the files of the living template.
func claims(templates fs.FS) ([]claim, error) {
	var list []claim
	err := fs.WalkDir(templates, "service", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		c, err := claimOf(strings.TrimPrefix(name, "service/"))
		list = append(list, c)
		return err
	})
	return list, err
}

// claimOf says who has a file. One that no component claims, or a test file of
// which testFiles says nothing, is an error.
func claimOf(file string) (claim, error) {
	c := claim{path: file, tests: always}
	var err error
	if c.owner, err = owner(file); err != nil {
		return c, err
	}
	if rows := testRows(file); len(rows) > 0 {
		c.tests = testFiles[rows[len(rows)-1]].on
	} else if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "/testdata/") {
		return c, fmt.Errorf("no row of testFiles in components.go says with which tests the file %q goes", file)
	}
	return c, nil
}

// in reports whether o takes the file.
func (c claim) in(o *options.Options) bool { return c.owner.on(o) && c.tests(o) }

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
