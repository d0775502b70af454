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

// A snapshot is this line, then for each record its name, the length (4 bytes) and the bytes, and a SHA-256 of all that.
const snapshotHead = "sessions 1\n"

// checkWritable finds out at the start what would otherwise cost all sessions at the stop.
func (s *Store) checkWritable() error {
	if !isPath(s.snapshot) {
		// Not quoted, since it may hold a password.
		return errors.New("memory store: the snapshot is not the path of a file, but looks like a URL or the settings of another store: " +
			"name a file, such as sessions.snapshot (./ goes before a name with : or =), or none")
	}
	f, err := s.createTemp()
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return fmt.Errorf("memory store: the snapshot could not be written at the stop: %w: make the directory and let the service write there, or name another file or none", err)
	}
	return nil
}

// isPath tells a path from what other stores take (redis://host, file:name, host=name): its first part has no : or =, but for
// the drive of C:\name.
func isPath(s string) bool {
	i := strings.IndexAny(s, `/\:=`)
	return i < 0 || s[i] == '/' || s[i] == '\\' || i == 1 && s[i] == ':'
}

// createTemp makes the file that becomes the snapshot, beside it.
func (s *Store) createTemp() (*os.File, error) {
	return os.CreateTemp(filepath.Dir(s.snapshot), filepath.Base(s.snapshot)+".*")
}

// save writes the live records to the snapshot file, which appears whole or not at all, readable by its owner only.
func (s *Store) save() (err error) {
	f, err := s.createTemp()
	if err != nil {
		return fmt.Errorf("memory store: write snapshot: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("memory store: write snapshot: %w", err)
		}
	}()
	sum := sha256.New()
	buffered := bufio.NewWriterSize(f, 1<<16)
	if err := s.writeTo(io.MultiWriter(buffered, sum)); err != nil {
		return err
	}
	if _, err := buffered.Write(sum.Sum(nil)); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), s.snapshot)
}

func (s *Store) writeTo(w io.Writer) error {
	if _, err := io.WriteString(w, snapshotHead); err != nil {
		return err
	}
	now := s.now().UnixMilli()
	var buf []byte
	for i := range s.shards {
		sh := &s.shards[i]
		sh.RLock()
		buf = buf[:0]
		for name, rec := range sh.records {
			if rec.expiry() > now {
				buf = append(buf, name[:]...)
				buf = binary.BigEndian.AppendUint32(buf, uint32(len(rec)))
				buf = append(buf, rec...)
			}
		}
		sh.RUnlock()
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}

// load reads the snapshot and removes it: after a crash an old one would bring back sessions that were ended since.
func (s *Store) load() error {
	data, err := os.ReadFile(s.snapshot)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("memory store: read snapshot: %w", err)
	}
	if err := s.read(data); err != nil {
		return fmt.Errorf("memory store: read snapshot %q: %w: remove the file to start without sessions", s.snapshot, err)
	}
	if err := os.Remove(s.snapshot); err != nil {
		return fmt.Errorf("memory store: remove the snapshot that was read: %w", err)
	}
	return nil
}

func (s *Store) read(data []byte) error {
	body := len(data) - sha256.Size
	if body < len(snapshotHead) || string(data[:len(snapshotHead)]) != snapshotHead {
		return errors.New("it is no snapshot")
	}
	if sum := sha256.Sum256(data[:body]); !bytes.Equal(sum[:], data[body:]) {
		return errors.New("it is damaged")
	}
	now := s.now().UnixMilli()
	for rest := data[len(snapshotHead):body]; len(rest) > 0; {
		var name recordName
		if len(rest) < len(name)+4 {
			return errors.New("it is cut short")
		}
		rest = rest[copy(name[:], rest):]
		n := int(binary.BigEndian.Uint32(rest))
		rest = rest[4:]
		if n < expirySize || n > len(rest) {
			return errors.New("it is cut short")
		}
		rec := record(rest[:n])
		rest = rest[n:]
		if rec.expiry() <= now {
			continue
		}
		sh := s.shard(name)
		if sh.records == nil {
			sh.records = make(map[recordName]record)
		}
		if _, exists := sh.records[name]; !exists {
			s.count.Add(1)
		}
		sh.records[name] = rec
	}
	return nil
}
