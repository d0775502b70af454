// Package scratch has tests write their projects to memory. A test of the generator makes some hundred small files
// at a time, and creating files is most of what it waits for on a disk.
package scratch

import "os"

// InMemory makes /dev/shm the directory for temporary files of this process and of those that it starts, if it is
// in memory, has room, and programs may run there. A TMPDIR that is set wins. For TestMain, before any test runs.
func InMemory() {
	const dir = "/dev/shm"
	if os.Getenv("TMPDIR") == "" && roomyMemory(dir) {
		_ = os.Setenv("TMPDIR", dir)
	}
}
