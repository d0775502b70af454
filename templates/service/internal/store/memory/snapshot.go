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
		return errors.New("memory store: the snapshot looks like a URL or the settings of another store: " +
			"name a file, such as sessions.snapshot (./ goes before a name with : or =), or none")
	}
	f, err := s.createTemp()
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return fmt.Errorf("memory store: the snapshot could not be written at the stop: %w: "+
			"make the directory and let the service write there, or name another file or none", err)
	}
	return nil
}

// isPath tells a path from what other stores take (redis://host, file:name, host=name): its first part has no : or =,
// but for the drive of C:\name.
func isPath(s string) bool {
	i := strings.IndexAny(s, `/\:=`)
	return i < 0 || s[i] == '/' || s[i] == '\\' || i == 1 && s[i] == ':'
}

// createTemp makes the file that becomes the snapshot, beside it.
func (s *Store) createTemp() (*os.File, error) {
	return os.CreateTemp(filepath.Dir(s.snapshot), filepath.Base(s.snapshot)+".*")
}

// save writes the live records to the snapshot file, which appears whole or not at all, readable by its owner only.
func (s *Store) save() error {
	if s.snapshot == "" {
		return nil
	}
	f, err := s.createTemp()
	if err != nil {
		return err
	}
	err = errors.Join(s.writeTo(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), s.snapshot)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func (s *Store) writeTo(f io.Writer) error {
	buffered, sum := bufio.NewWriterSize(f, 1<<16), sha256.New()
	w := io.MultiWriter(buffered, sum)
	io.WriteString(w, snapshotHead) // errors of a bufio.Writer come back from Flush
	now := s.now().UnixMilli()
	var buf []byte
	for name, rec := range s.all {
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
	if err == nil {
		err = s.read(data)
	}
	if err == nil {
		err = os.Remove(s.snapshot)
	}
	if err != nil {
		return fmt.Errorf("memory store: read snapshot %q: %w", s.snapshot, err)
	}
	return nil
}

var errSnapshot = errors.New("it is damaged, or not a snapshot: remove the file to start without sessions")

func (s *Store) read(data []byte) error {
	body := len(data) - sha256.Size
	if body < len(snapshotHead) || !bytes.HasPrefix(data, []byte(snapshotHead)) ||
		sha256.Sum256(data[:body]) != [sha256.Size]byte(data[body:]) {
		return errSnapshot
	}
	now := s.now().UnixMilli()
	for rest := data[len(snapshotHead):body]; len(rest) > 0; { // as writeTo wrote it, says the sum
		var name recordName
		rest = rest[copy(name[:], rest):]
		n := int(binary.BigEndian.Uint32(rest))
		rest = rest[4:]
		rec := record{int64(binary.BigEndian.Uint64(rest)), string(rest[expirySize:n])}
		rest = rest[n:]
		if rec.expiry > now {
			s.records[name] = rec
		}
	}
	return nil
}
