package scratch

import "syscall"

// Of linux/magic.h and linux/statfs.h.
const (
	tmpfs  = 0x01021994
	noexec = 0x8
)

// roomyMemory reports whether a directory is in memory with 4 GiB to spare, and runs programs. That of a container
// is often too small or runs none.
func roomyMemory(dir string) bool {
	var fs syscall.Statfs_t
	err := syscall.Statfs(dir, &fs)
	return err == nil && int64(fs.Type) == tmpfs && int64(fs.Flags)&noexec == 0 && //nolint:unconvert // 32 bits elsewhere
		uint64(fs.Bsize)*fs.Bavail >= 4<<30
}
