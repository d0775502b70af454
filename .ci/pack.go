//go:build ignore

// Command pack writes the shell completions and manual pages that a release
// packs: go run .ci/pack.go DIR. They are those of the command as it is in this
// tree.
package main

import (
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run .ci/pack.go DIR")
	}
	if err := pack(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func pack(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	completions, man := filepath.Join(dir, "completions"), filepath.Join(dir, "man")
	for _, d := range []string{completions, man} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	run := func(args ...string) ([]byte, error) {
		cmd := exec.Command("go", append([]string{"run", "."}, args...)...)
		// For this machine, whatever is being released for.
		cmd.Env, cmd.Stderr = append(os.Environ(), "GOOS=", "GOARCH="), os.Stderr
		return cmd.Output()
	}
	for shell, name := range map[string]string{"bash": "sessionseed.bash", "zsh": "_sessionseed",
		"fish": "sessionseed.fish", "powershell": "sessionseed.ps1"} {
		text, err := run("completion", shell)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(completions, name), text, 0o644); err != nil {
			return err
		}
	}
	_, err := run("man", man)
	return err
}
