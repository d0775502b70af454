//go:build unix && !solaris && !aix

package project

import (
	"errors"
	"os"
	"syscall"
)

// Lock keeps other runs off the project until unlock, or until this process
// ends in whatever way. It leaves no file behind: the directory itself is
// locked.
func (p *Project) Lock() (unlock func(), err error) {
	f, err := os.Open(p.Dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrBusy
		}
		return nil, err
	}
	return func() {
		// Closed alone, it would stay locked while a process that is just being started
		// still has a copy of it.
		_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
		f.Close()
	}, nil
}
