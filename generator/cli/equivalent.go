package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/sessionseed/sessionseed/generator/options"
)

// program are the words that start this program again in a shell: its name if that
// is what the shell would find, else go run, if that is how it was started, else its
// path.
func program() []string {
	executable, err := os.Executable()
	if err != nil {
		return []string{"sessionseed"}
	}
	if found, err := exec.LookPath("sessionseed"); err == nil && sameFile(found, executable) {
		return []string{"sessionseed"}
	}
	info, ok := debug.ReadBuildInfo()
	if ok && strings.Contains(executable, string(filepath.Separator)+"go-build") { // where go run builds
		path := info.Main.Path
		if info.Main.Sum != "" { // downloaded, not the clone around the working directory
			path += "@" + info.Main.Version
		}
		return []string{"go", "run", path}
	}
	return []string{executable}
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// equivalent is the command that does the same without a question. Secrets
// are not options, so none can appear in it.
func equivalent(s *settings, command, dir string, defaults options.Options, more ...string) []string {
	if strings.HasPrefix(dir, "-") {
		dir = "." + string(filepath.Separator) + dir
	}
	words := append(append(program(), command, dir, "--yes"), more...)
	for _, d := range options.Table() {
		if !d.Applies(&s.options) || d.Name == "module" && command == "add" {
			continue
		}
		now, before := d.Get(&s.options), d.Get(&defaults)
		always := d.Name == "module" || d.Name == "publicURL" || d.Name == "corsOrigins"
		if !always && strings.Join(now, ",") == strings.Join(before, ",") {
			continue
		}
		if d.Kind == options.List && len(now) == 0 {
			now = []string{""}
		}
		for _, value := range now {
			switch {
			case d.Kind == options.Bool && value == "true":
				words = append(words, "--"+d.Flag)
			case d.Kind == options.Bool, value == "", strings.HasPrefix(value, "-"):
				words = append(words, "--"+d.Flag+"="+value)
			default:
				words = append(words, "--"+d.Flag, value)
			}
		}
	}
	return words
}
