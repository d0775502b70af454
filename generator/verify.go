package generator

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
