package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// repository is the path of a git directory.
type repository string

func (r repository) git(in []byte, args ...string) ([]byte, error) {
	cmd := exec.Command("git", append([]string{"--git-dir", string(r)}, args...)...)
	cmd.Stdin = bytes.NewReader(in)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("git %s in %s: %w", args[0], r, err)
	}
	return out, err
}

// file is one Go file that both sides of a merge changed in different ways.
type file struct {
	repo                       repository
	merge, name                string
	base, ours, theirs, result string // blobs
}

// collect finds the files of the repository's merges that both sides changed.
// Merges of more than two parents and those with several merge bases are left
// out, and so are files that one of the four commits lacks.
func collect(r repository, limit int) ([]file, error) {
	h, err := readHistory(r)
	if err != nil {
		return nil, err
	}
	var merges, pairs [][4]string // commit; trees of base and a side
	n := 0
	for i, c := range h {
		if len(c.parents) != 2 || c.parents[0] < 0 || c.parents[1] < 0 {
			continue
		}
		bases := h.bases(c.parents[0], c.parents[1])
		if len(bases) != 1 || bases[0] == c.parents[0] || bases[0] == c.parents[1] {
			continue
		}
		if n++; n > limit {
			break
		}
		base := h[bases[0]].tree
		merges = append(merges, [4]string{c.hash})
		for _, side := range []int{c.parents[0], c.parents[1], i} {
			pairs = append(pairs, [4]string{base, h[side].tree})
		}
	}
	diffs, err := treeDiffs(r, pairs)
	if err != nil {
		return nil, err
	}
	var files []file
	seen := map[[3]string]bool{}
	for i, m := range merges {
		ours, theirs, result := diffs[3*i], diffs[3*i+1], diffs[3*i+2]
		for name, o := range ours {
			t, both := theirs[name]
			if !both || o == t || !judged(name) || o.from == none || o.to == none || t.to == none {
				continue
			}
			res, changed := result[name]
			if !changed {
				res.to = o.from
			}
			triple := [3]string{o.from, o.to, t.to}
			if res.to == none || seen[triple] {
				continue
			}
			seen[triple] = true
			files = append(files, file{r, m[0], name, o.from, o.to, t.to, res.to})
		}
	}
	return files, nil
}

// judged leaves out what nobody merges by hand.
func judged(name string) bool {
	if path.Ext(name) != ".go" || strings.HasSuffix(name, ".pb.go") {
		return false
	}
	for _, dir := range strings.Split(path.Dir(name), "/") {
		switch dir {
		case "vendor", "Godeps", "third_party", "testdata":
			return false
		}
	}
	return true
}

// change is a file's blobs before and after.
type change struct{ from, to string }

const none = "0000000000000000000000000000000000000000"

// treeDiffs returns the changed files of each pair of trees.
func treeDiffs(r repository, pairs [][4]string) ([]map[string]change, error) {
	var in bytes.Buffer
	for _, p := range pairs {
		fmt.Fprintf(&in, "%s %s\n", p[0], p[1])
	}
	out, err := r.git(in.Bytes(), "diff-tree", "--stdin", "-r", "--raw", "--no-renames", "--no-abbrev", "-z")
	if err != nil {
		return nil, err
	}
	diffs := make([]map[string]change, 0, len(pairs))
	for fields := bytes.Split(out, []byte{0}); len(fields) > 0; {
		head := string(fields[0])
		if !strings.HasPrefix(head, ":") {
			// One line "tree tree" a pair; with -z it is glued to what follows.
			for nl := strings.IndexByte(head, '\n'); nl >= 0; nl = strings.IndexByte(head, '\n') {
				diffs = append(diffs, map[string]change{})
				head = head[nl+1:]
			}
			if head == "" {
				fields = fields[1:]
				continue
			}
		}
		words := strings.Fields(head)
		if len(words) < 5 || len(fields) < 2 {
			return nil, fmt.Errorf("git diff-tree in %s: unexpected %q", r, head)
		}
		diffs[len(diffs)-1][string(fields[1])] = change{words[2], words[3]}
		fields = fields[2:]
	}
	if len(diffs) != len(pairs) {
		return nil, fmt.Errorf("git diff-tree in %s: %d answers to %d pairs", r, len(diffs), len(pairs))
	}
	return diffs, nil
}

// blobs reads blobs of a repository one after the other.
type blobs struct {
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
}

func openBlobs(r repository) (*blobs, error) {
	cmd := exec.Command("git", "--git-dir", string(r), "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &blobs{in, bufio.NewReader(out), cmd}, cmd.Start()
}

// read returns an object; the name may be anything that git rev-parse takes.
func (b *blobs) read(name string) ([]byte, error) {
	if _, err := fmt.Fprintln(b.in, name); err != nil {
		return nil, err
	}
	head, err := b.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	words := strings.Fields(head)
	if len(words) != 3 {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimSpace(head))
	}
	size, err := strconv.Atoi(words[2])
	if err != nil {
		return nil, err
	}
	data := make([]byte, size+1)
	_, err = io.ReadFull(b.out, data)
	return data[:size], err
}

func (b *blobs) close() error {
	b.in.Close()
	return b.cmd.Wait()
}

// gitMerge runs git merge-file in dir.
func gitMerge(dir string, base, ours, theirs []byte) (merged []byte, clean bool, err error) {
	for name, data := range map[string][]byte{"base": base, "ours": ours, "theirs": theirs} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return nil, false, err
		}
	}
	cmd := exec.Command("git", "merge-file", "-p", "-q", "ours", "base", "theirs")
	cmd.Dir = dir
	merged, err = cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 && exit.ExitCode() < 128 {
		return merged, false, nil
	}
	return merged, true, err
}
