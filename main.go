// Command sessionseed writes and maintains Go services with login sessions.
// See README.md, or run it with --help.
package main

import (
	"os"

	"github.com/sessionseed/sessionseed/generator/cli"
)

func main() {
	os.Exit(cli.Main(cli.Process{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(),
	}))
}
