package cookie

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A snapshot is this line, then for each record its name, the length of the rest (4 bytes), the expiry (8) and the
// data, and a SHA-256 of all that.
const (
	snapshotHead = "sessions 1\n"
	expirySize   = 8
)

// checkWritable finds out at the start what would otherwise let ended sessions come back after the stop.
func (s *Store) checkWritable() error {
	if !isPath(s.snapshot) {
		// Not quoted, since it may hold a password.
		return errors.New("STORE_URL looks like a URL or the settings of another store, and the store is cookie: " +
			"name a file, such as ended.snapshot (./ goes before a name with : or =), or leave STORE_URL out")
	}
	f, err := os.CreateTemp(filepath.Dir(s.snapshot), filepath.Base(s.snapshot)+".*")
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return fmt.Errorf("STORE_URL: the cookie store will not be able to write its snapshot: %w: "+
			"make the directory and let the service write there, or name another file, or leave STORE_URL out", err)
	}
	return nil
}

// isPath reports whether it is a path and not a URL (redis://host, file:name, host=name): its first part has no : or =,
// but for the drive of C:\name.
func isPath(s string) bool {
	i := strings.IndexAny(s, `/\:=`)
	return i < 0 || s[i] == '/' || s[i] == '\\' || i == 1 && s[i] == ':'
}

// save writes the live records to the snapshot file, which appears whole or not at all, readable by its owner only.
func (s *Store) save(last bool) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	if s.closed || s.snapshot == "" {
		return nil
	}
	s.closed = last
	f, err := os.CreateTemp(filepath.Dir(s.snapshot), filepath.Base(s.snapshot)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is the snapshot
	if err := errors.Join(s.writeTo(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), s.snapshot)
}

func (s *Store) writeTo(f io.Writer) error {
	now := time.Now().UnixMilli()
	data := []byte(snapshotHead)
	s.mu.Lock()
	for name, rec := range s.records {
		if rec.expiry > now {
			data = append(data, name[:]...)
			data = binary.BigEndian.AppendUint32(data, uint32(expirySize+len(rec.data)))
			data = binary.BigEndian.AppendUint64(data, uint64(rec.expiry))
			data = append(data, rec.data...)
		}
	}
	s.mu.Unlock()
	sum := sha256.Sum256(data)
	_, err := f.Write(append(data, sum[:]...))
	return err
}

// load reads the snapshot and removes it: what it says is older than what this process will know.
func (s *Store) load() error {
	if s.snapshot == "" {
		return nil
	}
	if err := s.checkWritable(); err != nil {
		return err
	}
	data, err := os.ReadFile(s.snapshot)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cookie store: read snapshot: %w", err)
	}
	body := len(data) - sha256.Size
	if body < len(snapshotHead) || !bytes.HasPrefix(data, []byte(snapshotHead)) ||
		sha256.Sum256(data[:body]) != [sha256.Size]byte(data[body:]) {
		return fmt.Errorf("cookie store: snapshot %q is damaged, or not a snapshot: "+
			"remove the file to start: copies of cookies that were logged out then work until they expire", s.snapshot)
	}
	now := time.Now().UnixMilli()
	for rest := data[len(snapshotHead):body]; len(rest) > 0; { // as writeTo wrote it, says the sum
		var name recordName
		rest = rest[copy(name[:], rest):]
		n := 4 + int(binary.BigEndian.Uint32(rest))
		rec := record{int64(binary.BigEndian.Uint64(rest[4:])), string(rest[4+expirySize : n])}
		rest = rest[n:]
		if rec.expiry > now {
			s.records[name] = rec
		}
	}
	s.began = time.Time{}
	return os.Remove(s.snapshot)
}
