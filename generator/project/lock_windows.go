package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// Lock keeps other runs off the project until unlock, or until this process
// ends in whatever way: Windows drops the lock on the file with it. The directory of the
// state is made for the file where there is none yet, and stays only if something is in it.
func (p *Project) Lock() (unlock func(), err error) {
	if err := p.Root.Mkdir(StateDir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	f, err := p.Root.OpenFile(filepath.Join(StateDir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{})
	if err != nil {
		f.Close()
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			return nil, ErrBusy
		}
		return nil, err
	}
	return func() {
		f.Close()
		p.Root.Remove(filepath.Join(StateDir, "lock"))
		p.Root.Remove(StateDir) // fails where it holds a state
	}, nil
}
