//go:build long

package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/golden"
	"github.com/sessionseed/sessionseed/golden/postgrestest"
)

func TestPairwiseProjectsProveThemselves(t *testing.T) {
	start := time.Now()
	set := golden.Pairwise()
	for _, c := range set {
		t.Run(c.String(), func(t *testing.T) {
			o := c.Options()
			dir := created(t, o)
			golden.Prove(t, dir, golden.Environment(t, o))
		})
	}
	t.Logf("%d of %d combinations built, vetted and tested in %v", len(set), len(golden.Combinations()),
		time.Since(start).Round(time.Second))
}

// Projects with accounts in a table prove themselves on both databases: on SQLite
// with the tests of the service, on PostgreSQL with all.
func TestAccountsProveThemselves(t *testing.T) {
	for _, store := range []string{"sqlite", "postgres"} {
		t.Run(store, func(t *testing.T) {
			o := options.Defaults()
			o.Module, o.Store, o.Accounts, o.CSRFToken = "example.com/shop", store, "table", true
			var env []string
			if store == "postgres" {
				o.Tests, o.MagicLink = "all", true
				env = []string{"TEST_POSTGRES_DSN=" + postgrestest.DSN(t)}
			}
			dir := created(t, o)
			golden.Prove(t, dir, env)
		})
	}
}

// A project whose options are all at a bound proves itself as well. What cannot be combined stays.
func TestBoundsProveThemselves(t *testing.T) {
	for i, name := range []string{"lowest", "highest"} {
		t.Run(name, func(t *testing.T) {
			o := options.Defaults()
			o.Module, o.Store, o.Tests = "example.com/shop", "sqlite", "all"
			var set []string
			for _, d := range options.Table() {
				low, high, bounded := strings.Cut(d.Limits, " to ")
				high, _, _ = strings.Cut(high, ",")
				if !bounded || d.Kind != options.Int && d.Kind != options.Duration {
					continue
				}
				wanted := o
				if d.Set(&wanted, []string{low, high}[i]) == nil && wanted.Validate() == nil {
					o, set = wanted, append(set, d.Name)
				}
			}
			t.Logf("at a bound: %q", set)
			if len(set) < 8 {
				t.Fatalf("only %q are at a bound", set)
			}
			golden.Prove(t, created(t, o), golden.Environment(t, o))
		})
	}
}

// go mod tidy would change nothing: the store and the accounts decide what is
// required, so each of these with every other part in and then out.
func TestModulesAreTidy(t *testing.T) {
	for _, c := range golden.Combinations() {
		all := c.Captcha == "pow" && c.Demo && c.AllTests && c.CSRF && c.Clear && c.Koa
		none := c.Captcha == "off" && !c.Demo && !c.AllTests && !c.CSRF && !c.Clear && !c.Koa
		if !all && !none {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			o := c.Options()
			dir := created(t, o)
			if out := golden.GoCommand(t, dir, golden.Environment(t, o), "mod", "tidy", "-diff"); out != "" {
				t.Errorf("go mod tidy would change:\n%s", out)
			}
		})
	}
}

// created is a project of the options, in a directory of the test.
func created(t *testing.T, o options.Options) string {
	t.Helper()
	tree, err := golden.Engine.Render(o, golden.Secrets)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "project")
	if _, err := state.Create(context.Background(), dir, state.Creation{Tree: tree, Options: o,
		Version: golden.Engine.Version, Generated: golden.Engine.Owned()}); err != nil {
		t.Fatal(err)
	}
	return dir
}
