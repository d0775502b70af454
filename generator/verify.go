package generator

import (
	"bytes"
	"cmp"
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
	before     bool   // the project as it stands has the same fault
}

// noNetwork is how the go command says that a module, or the toolchain that
// go.mod asks for, is neither in the cache nor to be had. That is no fault of
// the code.
var noNetwork = regexp.MustCompile(`module lookup disabled by GOPROXY|dial tcp|no such host|connection refused|i/o timeout|TLS handshake|proxyconnect|network is unreachable`)

// outsideWorkspace is how it says that a go.work further up leaves the project
// out. Its owner then builds with GOWORK=off, and so does verify.
var outsideWorkspace = regexp.MustCompile(`not one of the workspace modules listed in go\.work|directory prefix \. does not contain modules listed in go\.work`)

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
	c := compiler{command: command, dir: dir, env: append(os.Environ(), "PWD="+dir, "GO111MODULE=on"), flags: t.modFlag()}
	out, err := c.run(ctx, "-overlay", filepath.Join(dir, local(name)))
	if out != "" && outsideWorkspace.MatchString(out) {
		c.env = append(c.env, "GOWORK=off")
		out, err = c.run(ctx, "-overlay", filepath.Join(dir, local(name)))
	}
	switch {
	case ctx.Err() != nil:
		return verification{}, ctx.Err()
	case err != nil:
		return verification{unverified: "the go command cannot be run, so nothing was compiled: " + err.Error()}, nil
	case out == "":
		return verification{ok: true}, nil
	case noNetwork.MatchString(out):
		return verification{unverified: "a module is not in the module cache and cannot be downloaded, so nothing was compiled"}, nil
	case c.cannotWork(ctx, out):
		return verification{unverified: "the go command does not work here, so nothing was compiled: " + strings.Join(strings.Fields(out), " ")}, ctx.Err()
	}
	t.p.removeVetDirs()
	c.flags = nil
	before, _ := c.run(ctx)
	return verification{broken: t.unstaged(dir, out), before: before != ""}, ctx.Err()
}

// compiler is the go command in a project.
type compiler struct {
	command, dir string
	env, flags   []string
}

// run builds and vets, and returns what the go command said if it found fault.
// The error means that it could not be run.
func (c *compiler) run(ctx context.Context, flags ...string) (string, error) {
	for _, args := range [][]string{{"build", "-o", os.DevNull}, {"vet"}} {
		cmd := exec.CommandContext(ctx, c.command, slices.Concat(args, c.flags, flags, []string{"./..."})...)
		cmd.Dir, cmd.Env = c.dir, c.env
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return cmp.Or(strings.TrimSpace(out.String()), exit.Error()), nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", nil
}

// modFlag keeps the go command from writing go.mod and go.sum, whatever GOFLAGS
// says, and from a vendor directory that the changed go.mod no longer fits.
func (t *transaction) modFlag() []string {
	_, err := t.p.root.Lstat("vendor")
	changed := slices.ContainsFunc(t.ops, func(op operation) bool { return op.Path == "go.mod" })
	if err == nil && !changed && !strings.Contains(os.Getenv("GOFLAGS"), "-mod=mod") {
		return nil
	}
	return []string{"-mod=readonly"}
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
	return text
}
