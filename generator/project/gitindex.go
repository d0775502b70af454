package project

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxIndex bounds what is read of git's index, in bytes; two million files have
// room in it.
const maxIndex = 256 << 20

// trackedByGit reports whether git tracks something in a directory of the project.
// It reads the index itself, since planning runs no program. No repository around
// the project is not an error, an index that cannot be read is one.
func (p *Project) trackedByGit(dir string) (bool, error) {
	real, err := filepath.EvalSymlinks(p.Dir)
	if err != nil {
		return false, err
	}
	for at := real; ; at = filepath.Dir(at) {
		git := filepath.Join(at, ".git")
		if info, err := os.Stat(git); err == nil {
			if !info.IsDir() { // a work tree or a submodule
				text, err := os.ReadFile(git)
				if err != nil {
					return false, err
				}
				to, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
				if !ok {
					return false, fmt.Errorf("%s is not git's", git)
				}
				if git = to; !filepath.IsAbs(to) {
					git = filepath.Join(at, to)
				}
			}
			rel, err := filepath.Rel(at, real)
			if err != nil {
				return false, err
			}
			return indexed(filepath.Join(git, "index"), filepath.ToSlash(filepath.Join(rel, dir))+"/")
		}
		if at == filepath.Dir(at) {
			return false, nil
		}
	}
}

// indexed reports whether an index has an entry below prefix.
func indexed(name, prefix string) (bool, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	var unread []error
	for _, hash := range []int64{20, 32} { // SHA-1, SHA-256; which one is not in the file
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return false, err
		}
		found, err := inIndex(io.LimitReader(f, maxIndex), hash, prefix)
		if found {
			return true, nil
		}
		if err != nil {
			unread = append(unread, err)
		}
	}
	if len(unread) == 2 {
		return false, errors.Join(unread...)
	}
	return false, nil
}

var errIndex = errors.New("git's index has an unknown form")

// inIndex reads an index of version 2, 3 or 4 (gitformat-index) with hashes of the
// given length. The entries are sorted by name.
func inIndex(in io.Reader, hash int64, prefix string) (bool, error) {
	r := bufio.NewReader(in)
	var head struct {
		Signature      [4]byte
		Version, Count uint32
	}
	if err := binary.Read(r, binary.BigEndian, &head); err != nil {
		return false, err
	}
	if string(head.Signature[:]) != "DIRC" || head.Version < 2 || head.Version > 4 {
		return false, errIndex
	}
	const stat, flags, extended = 40, 2, 0x40
	fixed, last := make([]byte, stat+hash+flags), []byte{}
	for range head.Count {
		if _, err := io.ReadFull(r, fixed); err != nil {
			return false, err
		}
		size := int64(len(fixed))
		if bits := fixed[stat+hash]; bits&extended != 0 {
			if _, err := r.Discard(2); err != nil {
				return false, err
			}
			size += 2
		}
		keep := 0
		if head.Version == 4 { // the name is given as the end that differs from the one before
			strip, err := readOffset(r)
			if err != nil || strip > uint64(len(last)) {
				return false, errors.Join(err, errIndex)
			}
			keep = len(last) - int(strip)
		}
		rest, err := r.ReadBytes(0)
		if err != nil {
			return false, err
		}
		last = append(last[:keep], rest[:len(rest)-1]...)
		if size += int64(len(rest)); head.Version < 4 && size%8 != 0 {
			if _, err := r.Discard(int(8 - size%8)); err != nil {
				return false, err
			}
		}
		switch {
		case len(last) == 0 || last[0] < ' ':
			return false, errIndex
		case bytes.HasPrefix(last, []byte(prefix)):
			return true, nil
		case string(last) > prefix:
			return false, nil
		}
	}
	return false, nil
}

// readOffset reads git's offset encoding: seven bits a byte, the highest first, and
// one more with each byte that follows.
func readOffset(r io.ByteReader) (n uint64, err error) {
	for i := 0; ; i++ {
		b, err := r.ReadByte()
		if err != nil || i > 8 {
			return 0, errors.Join(err, errIndex)
		}
		n = n<<7 | uint64(b&0x7f)
		if b&0x80 == 0 {
			return n, nil
		}
		n++
	}
}
