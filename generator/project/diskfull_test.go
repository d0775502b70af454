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
)

// TestDiskFull fills a small file system to the last page, then leaves one page
// more at each try until the run fits: as long as it does not, the project is as
// it was, and the error says why. The file system is mounted in a namespace of a
// child process, for which the kernel must allow user namespaces.
func TestDiskFull(t *testing.T) {
	if os.Getenv("DISK_FULL_IN") == "" {
		child := exec.Command(os.Args[0], "-test.run=^TestDiskFull$", "-test.v")
		child.Env = append(os.Environ(), "DISK_FULL_IN="+t.TempDir())
		child.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		out, err := child.CombinedOutput()
		if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) ||
			strings.Contains(string(out), "cannot mount") {
			t.Skipf("a file system cannot be mounted here: %v %s", err, out)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	disk := os.Getenv("DISK_FULL_IN")
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
		err = p.replaceAll(killableChanges(p), nil)
		p.Close()
		got := projectFiles(t, dir)
		switch {
		case err == nil:
			if !maps.Equal(got, new) || free < 5 {
				t.Errorf("with %d pages free: no error, and %v", free, got)
			}
			t.Logf("it fits with %d pages free", free)
			return
		case !strings.Contains(WriteProblem(err).Error(), "disk is full"):
			t.Errorf("with %d pages free: %v", free, err)
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
