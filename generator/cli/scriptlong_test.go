//go:build long

package cli

import "testing"

// Scripts that compile a database's driver, or one service many times.
func TestLongScript(t *testing.T) { runScripts(t, "testdata/long") }
