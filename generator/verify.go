package generator

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// verification is what the go command said about the staged project.
type verification struct {
	ok         bool
	unverified string // why it could not be asked
	broken     string // what it found
}

// noNetwork is how the go command says that a module is neither in the cache nor
// to be had. That is no fault of the code.
var noNetwork = regexp.MustCompile(`module lookup disabled by GOPROXY|dial tcp|no such host|connection refused|i/o timeout|TLS handshake|proxyconnect|network is unreachable`)

// verify compiles and vets the project as it would be after the transaction: the
// go command reads the staged files through an overlay, and everything else,
// the owner's files, the module cache and its own, where it always is.
func (t *transaction) verify(ctx context.Context) (verification, error) {
	command, err := exec.LookPath("go")
	if err != nil {
		return verification{unverified: "there is no go command here, so nothing was compiled"}, nil
	}
	dir, err := filepath.EvalSymlinks(t.p.dir)
	if err != nil {
		return verification{}, err
	}
	overlay, err := t.overlay(dir)
	if err != nil {
		return verification{}, err
	}
	name := txDir + "/overlay.json"
	if err := t.p.write(name, &diskFile{0o600, overlay}); err != nil {
		return verification{}, err
	}
	if err := t.makeVetDirs(); err != nil {
		return verification{}, err
	}
	defer t.p.removeVetDirs()
	for _, args := range [][]string{{"build", "-o", os.DevNull}, {"vet"}} {
		args = append(args, "-overlay", filepath.Join(dir, local(name)), "./...")
		cmd := exec.CommandContext(ctx, command, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PWD="+dir)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		if ctx.Err() != nil {
			return verification{}, ctx.Err()
		}
		var exit *exec.ExitError
		switch {
		case errors.As(err, &exit) && noNetwork.Match(out.Bytes()):
			return verification{unverified: "a module is not in the module cache and cannot be downloaded, so nothing was compiled"}, nil
		case errors.As(err, &exit):
			return verification{broken: t.unstaged(dir, out.String())}, nil
		case err != nil:
			return verification{unverified: "the go command cannot be run, so nothing was compiled: " + err.Error()}, nil
		}
	}
	return verification{ok: true}, nil
}

// vetDirs lists, one a line and outermost first, the directories that exist
// only while the go command runs.
const vetDirs = txDir + "/vet-dirs"

// makeVetDirs makes the directories of packages that are new: go vet changes
// into the directory of each package, overlay or not. The list of them is
// written first, so that a killed run's empty directories are removed by the
// next one.
func (t *transaction) makeVetDirs() error {
	var missing []string
	seen := map[string]bool{}
	for _, op := range t.ops {
		if op.New == "" || strings.HasPrefix(op.Path, stateDir+"/") {
			continue
		}
		var chain []string
		for d := path.Dir(op.Path); d != "." && !seen[d]; d = path.Dir(d) {
			seen[d] = true
			if _, err := t.p.root.Lstat(local(d)); errors.Is(err, fs.ErrNotExist) {
				chain = append(chain, d)
			}
		}
		slices.Reverse(chain)
		missing = append(missing, chain...)
	}
	if len(missing) == 0 {
		return nil
	}
	if err := t.p.write(vetDirs, &diskFile{0o600, []byte(strings.Join(missing, "\n"))}); err != nil {
		return err
	}
	for _, d := range missing {
		if err := t.p.root.Mkdir(local(d), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// removeVetDirs removes what makeVetDirs made and nothing has filled since.
func (p *project) removeVetDirs() {
	list, err := p.root.ReadFile(local(vetDirs))
	if err != nil {
		return
	}
	for _, d := range slices.Backward(strings.Split(string(list), "\n")) {
		if fs.ValidPath(d) && d != "." {
			_ = p.root.Remove(local(d)) // takes empty directories only
		}
	}
}

// unstaged writes the files' own names where the go command names staged ones.
func (t *transaction) unstaged(dir, text string) string {
	for n, op := range t.ops {
		name := local(staged("new", n))
		text = strings.ReplaceAll(text, filepath.Join(dir, name), local(op.Path))
		text = strings.ReplaceAll(text, "."+string(filepath.Separator)+name, local(op.Path))
		text = strings.ReplaceAll(text, name, local(op.Path))
	}
	return strings.TrimSpace(text)
}
