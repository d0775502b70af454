package memory

import (
	"bufio"
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

// checkWritable finds out at the start what would otherwise cost all sessions at the stop.
func (s *Store) checkWritable() error {
	if !isPath(s.snapshot) {
		// Not quoted, since it may hold a password.
		return errors.New("STORE_URL looks like a URL or the settings of another store, and the store is memory: " +
			"name a file, such as sessions.snapshot (./ goes before a name with : or =), or leave STORE_URL out")
	}
	f, err := os.CreateTemp(filepath.Dir(s.snapshot), filepath.Base(s.snapshot)+".*")
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return fmt.Errorf("STORE_URL: the memory store will not be able to write its snapshot: %w: "+
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
	buffered, sum := bufio.NewWriterSize(f, 1<<16), sha256.New()
	w := io.MultiWriter(buffered, sum)
	io.WriteString(w, snapshotHead) // errors of a bufio.Writer come back from Flush
	now := s.now().UnixMilli()
	var buf []byte
	s.mu.RLock()
	defer s.mu.RUnlock()
	for name, rec := range s.records {
		if rec.expiry > now {
			buf = append(buf[:0], name[:]...)
			buf = binary.BigEndian.AppendUint32(buf, uint32(expirySize+len(rec.data)))
			buf = binary.BigEndian.AppendUint64(buf, uint64(rec.expiry))
			w.Write(append(buf, rec.data...))
		}
	}
	buffered.Write(sum.Sum(nil))
	return buffered.Flush()
}

// load reads the snapshot and removes it: after a crash an old one would bring back sessions that were ended since.
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
		return fmt.Errorf("memory store: read snapshot: %w", err)
	}
	body := len(data) - sha256.Size
	if body < len(snapshotHead) || !bytes.HasPrefix(data, []byte(snapshotHead)) ||
		sha256.Sum256(data[:body]) != [sha256.Size]byte(data[body:]) {
		return fmt.Errorf("memory store: snapshot %q is damaged, or not a snapshot: "+
			"remove the file to start without sessions", s.snapshot)
	}
	now := s.now().UnixMilli()
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
