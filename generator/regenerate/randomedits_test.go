//go:build long

package regenerate_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// deleteLine deletes a line: of Go, sessionseed.yaml and .env files a comment.
func (o *owner) deleteLine() bool {
	name, text := o.pick(func(name, _ string) bool { return comment(name, "") != "" })
	lines := strings.SplitAfter(text, "\n")
	at := o.r.IntN(len(lines))
	line := strings.TrimSpace(lines[at])
	if strings.Contains(line, "mine-") || strings.HasPrefix(line, "//go:") || name == "sessionseed.yaml" &&
		!strings.HasPrefix(line, "#") || strings.HasPrefix(path.Base(name), ".env") && !strings.HasPrefix(line, "#") {
		return false
	}
	if isGo(name, "") && (!strings.HasPrefix(line, "//") || !isComment(text, line)) {
		return false
	}
	return o.put(name, strings.Join(slices.Delete(lines, at, at+1), ""), fmt.Sprintf("deleted line %d of", at+1))
}

// deletable are files whose absence breaks nothing.
var deletable = regexp.MustCompile(`^(README\.md|Dockerfile|compose\.yaml|` +
	`\.dockerignore|\.env\.example|\.github/.*|.*(bench|fuzz|stress|example)_test\.go)$`)

func (o *owner) deleteFile() bool {
	name, text := o.pick(func(name, _ string) bool { return deletable.MatchString(name) })
	if name == "" || o.r.IntN(2) == 0 {
		return false
	}
	if err := os.Remove(filepath.Join(o.dir, name)); err != nil {
		o.t.Fatal(err)
	}
	if isGo(name, "") {
		vet := exec.Command("go", "vet", "./"+path.Dir(name))
		vet.Dir = o.dir
		if vet.Run() != nil { // others need it
			return o.put(name, text, "deleted and restored")
		}
	}
	o.deleted[name] = true
	o.forget(text)
	o.t.Logf("edit: deleted %s", name)
	return true
}

// renameFile gives a file another name in its directory.
func (o *owner) renameFile() bool {
	name, _ := o.pick(func(name, text string) bool {
		return (isGo(name, "") || name == "README.md") && len(text) > 1000 && !strings.HasPrefix(name, "mine/") &&
			!strings.Contains(text, "//go:embed")
	})
	if name == "" || o.r.IntN(2) == 0 {
		return false
	}
	o.n++
	to := path.Join(path.Dir(name), fmt.Sprintf("own%d_%s", o.n, path.Base(name)))
	if err := os.Rename(filepath.Join(o.dir, name), filepath.Join(o.dir, to)); err != nil {
		o.t.Fatal(err)
	}
	o.deleted[name] = true
	if o.renamed == nil {
		o.renamed = map[string]bool{}
	}
	delete(o.renamed, name)
	o.renamed[to] = true
	o.t.Logf("edit: renamed %s to %s", name, to)
	return true
}

// turnLineEndings turns a file from LF to CRLF or back.
func (o *owner) turnLineEndings() bool {
	name, text := o.pick(func(name, _ string) bool { return comment(name, "") != "" && path.Base(name) != ".env" })
	plain := strings.ReplaceAll(text, "\r\n", "\n")
	if plain != text {
		write(o.t, o.dir, name, plain)
	} else if !strings.Contains(text, "`") { // a raw string drops carriage returns, but a test may compare files
		write(o.t, o.dir, name, strings.ReplaceAll(plain, "\n", "\r\n"))
	} else {
		return false
	}
	o.t.Logf("edit: turned the line endings of %s", name)
	return true
}

func (o *owner) dropFinalNewline() bool {
	name, text := o.pick(func(name, text string) bool {
		return comment(name, "") != "" && strings.HasSuffix(text, "\n")
	})
	if name == "" {
		return false
	}
	write(o.t, o.dir, name, strings.TrimRight(text, "\r\n"))
	o.t.Logf("edit: no final newline in %s", name)
	return true
}

func (o *owner) changeMode() bool {
	name, _ := o.pick(func(name, _ string) bool { return path.Base(name) != ".env" })
	mode := []os.FileMode{0o600, 0o640, 0o755}[o.r.IntN(3)]
	if err := os.Chmod(filepath.Join(o.dir, name), mode); err != nil {
		o.t.Fatal(err)
	}
	o.t.Logf("edit: mode %o of %s", mode, name)
	return true
}

// ownModules are what the owner may require: an import of each.
var ownModules = []string{"golang.org/x/mod/semver", "golang.org/x/sync/errgroup", "github.com/spf13/pflag"}

// require adds a module of the owner's, or drops it again, and tidies up.
func (o *owner) require() bool {
	i := o.r.IntN(len(ownModules))
	name := fmt.Sprintf("own/m%d/m.go", i)
	if _, err := os.Stat(filepath.Join(o.dir, name)); err == nil {
		o.forget(read(o.t, o.dir, name))
		if err := os.Remove(filepath.Join(o.dir, name)); err != nil {
			o.t.Fatal(err)
		}
		o.t.Logf("edit: no longer requires %s", ownModules[i])
	} else {
		word := o.word()
		write(o.t, o.dir, name, fmt.Sprintf("package m%d\n\n// %s\nimport _ %q\n", i, word, ownModules[i]))
		mod := read(o.t, "../..", "go.mod")
		have, err := modfile.Parse("go.mod", []byte(mod), nil)
		if err != nil {
			o.t.Fatal(err)
		}
		for _, r := range have.Require {
			if strings.HasPrefix(ownModules[i], r.Mod.Path) {
				o.command("mod", "edit", "-require="+r.Mod.String())
			}
		}
		o.t.Logf("edit: requires %s", ownModules[i])
	}
	o.command("mod", "tidy")
	return true
}
