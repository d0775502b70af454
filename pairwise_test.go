//go:build long

package main

import (
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/options"
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

// Projects with accounts in a table prove themselves on both databases, with the tests of the service and with all.
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
