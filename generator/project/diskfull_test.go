//go:build linux

package project

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// TestDiskFull fills a small file system to the last page, then leaves one page
// more at each try until the run fits: as long as it does not, the project is as
// it was, and the error says why. The file system is mounted in a namespace of a
// child process, for which the kernel must allow user namespaces.
func TestDiskFull(t *testing.T) {
	disk := os.Getenv(namespaceDir)
	if disk == "" {
		inNamespace(t, 0, t.TempDir())
		return
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Fatalf("cannot mount: %v", err)
	}
	page := os.Getpagesize()
	for free := 0; ; free++ {
		dir := filepath.Join(disk, "p")
		old, new := killableIn(t, dir, 5)
		filler, err := os.Create(filepath.Join(disk, "filler"))
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for block := make([]byte, page); ; size += page {
			if _, err := filler.Write(block); err != nil {
				break
			}
		}
		if err := filler.Truncate(int64(max(0, size-free*page))); err != nil {
			t.Fatal(err)
		}
		p, err := Open(dir, killableOwned())
		if err != nil {
			t.Fatal(err)
		}
		err = p.replaceAll(killableChanges(p), false, nil)
		p.Close()
		got := projectFiles(t, dir)
		switch {
		case err == nil:
			if !maps.Equal(got, new) || free < 5 {
				t.Errorf("with %d pages free, want at least 5: no error, the project is %v, want %v", free, got, new)
			}
			t.Logf("it fits with %d pages free", free)
			return
		case !strings.Contains(WriteProblem(err).Error(), "disk is full"):
			t.Errorf("with %d pages free: %v, want a full disk", free, WriteProblem(err))
		case !maps.Equal(got, old):
			t.Errorf("with %d pages free: the project is %v, want %v", free, got, old)
		}
		if _, err := os.Stat(filepath.Join(dir, txDir)); err == nil {
			t.Errorf("with %d pages free: leftovers", free)
		}
		if t.Failed() {
			return
		}
		filler.Close()
		os.Remove(filler.Name())
		os.RemoveAll(dir)
	}
}

// TestMayNotWrite: what may not be written stays as it was, and the error says why and what helps. The child process is
// nobody special, so that permissions hold where the tests run as root, too, or it is root on a file system that is
// read-only.
func TestMayNotWrite(t *testing.T) {
	for _, tt := range []struct {
		name   string
		user   int
		forbid func(dir string) error
		fact   string
		hint   string
	}{
		{"directory", 1000, func(dir string) error { return os.Chmod(dir, 0o555) }, "permission denied", "chmod u+w"},
		{"file system", 0, func(dir string) error {
			if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
				return err
			}
			return syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, "")
		}, "read-only file system", "work on a copy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := os.Getenv(namespaceDir)
			if dir == "" {
				dir = t.TempDir()
				inNamespace(t, tt.user, dir)
				return
			}
			dir = filepath.Join(dir, "p")
			old, _ := killableIn(t, dir, 5)
			if err := tt.forbid(dir); err != nil {
				t.Fatalf("cannot mount: %v", err)
			}
			defer os.Chmod(dir, 0o755)
			p, err := Open(dir, killableOwned())
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			err = WriteProblem(p.replaceAll(killableChanges(p), false, nil))
			var said *problem.Problem
			if !errors.As(err, &said) || !strings.Contains(said.Fact, tt.fact) ||
				!strings.Contains(said.Hint, tt.hint) {
				t.Errorf("error %v, %#v, want %q and the hint %q", err, said, tt.fact, tt.hint)
			}
			if got := projectFiles(t, dir); !maps.Equal(got, old) {
				t.Errorf("the project is %v, want %v", got, old)
			}
		})
	}
}

// namespaceDir is the variable by which a test knows that it is the child of inNamespace.
const namespaceDir = "NAMESPACE_DIR"

// inNamespace runs the test again in a child process, as that user of a namespace of its own. For user 0 it may mount.
func inNamespace(t *testing.T, user int, dir string) {
	t.Helper()
	run := "^" + strings.ReplaceAll(strings.ReplaceAll(t.Name(), "_", " "), "/", "$/^") + "$"
	child := exec.Command(os.Args[0], "-test.run="+run, "-test.v")
	child.Env = append(os.Environ(), namespaceDir+"="+dir)
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: user, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: user, HostID: os.Getgid(), Size: 1}},
	}
	out, err := child.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) ||
		strings.Contains(string(out), "cannot mount") {
		t.Skipf("needs user namespaces and mounts in them, which are not allowed here (see sysctl "+
			"user.max_user_namespaces, or the seccomp profile of the container): %v %s", err, out)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("the child did not run %s:\n%s", t.Name(), out)
	}
}
