package cli

import (
	"flag"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what the scripts in testdata/script compare with")

// TestScript runs the scripts of testdata/script, each in a directory of its
// own and without a terminal. When a comparison fails because the output was
// meant to change, run: go test ./generator/cli -update
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}
