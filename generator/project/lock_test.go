//go:build unix && !solaris && !aix

package project

import (
	"os"
	"syscall"
	"testing"

	"github.com/sessionseed/sessionseed/generator/tree"
)

// A process that is being started has, for a moment, all open files of its parent, among
// them the one that is locked.
func TestUnlockedBesideAnInheritedFile(t *testing.T) {
	p, err := Open(t.TempDir(), &tree.Tree{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	unlock, err := p.Lock()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Stat(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var copies []int
	for fd := range 256 {
		var found syscall.Stat_t
		if syscall.Fstat(fd, &found) == nil && found.Ino == dir.Sys().(*syscall.Stat_t).Ino {
			inherited, err := syscall.Dup(fd)
			if err != nil {
				t.Fatal(err)
			}
			copies = append(copies, inherited)
		}
	}
	if len(copies) == 0 {
		t.Fatal("no open file is the locked one")
	}
	unlock()
	if unlock, err := p.Lock(); err != nil {
		t.Errorf("locked again: %v", err)
	} else {
		unlock()
	}
	for _, fd := range copies {
		syscall.Close(fd)
	}
}
