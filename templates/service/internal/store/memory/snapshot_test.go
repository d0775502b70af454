package memory_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
)

func TestSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions")
	s := open(t, options{snapshot: path})
	want := map[string]string{"a": "", "b": "\x00\xff", strings.Repeat("k", 43): strings.Repeat("v", 10_000)}
	for key, value := range want {
		create(t, s, key, value, time.Now().Add(time.Hour))
	}
	soon := time.Now().Add(20 * time.Millisecond)
	create(t, s, "expires meanwhile", "", soon)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("snapshot: %v, %v", info, err)
	}
	time.Sleep(time.Until(soon.Add(time.Millisecond)))

	if s.Began().IsZero() {
		t.Error("Began is zero in a store without earlier records")
	}
	s = open(t, options{snapshot: path})
	if at := s.Began(); !at.IsZero() {
		t.Errorf("Began = %v after a snapshot", at)
	}
	for key, value := range want {
		if got, err := s.Find(t.Context(), key); err != nil || got[0] == nil || string(got[0]) != value {
			t.Errorf("Find(%.5q) = %.10q, %v; want %.10q, which is not nil", key, got, err, value)
		}
	}
	if n, err := s.Sweep(t.Context(), 1); n != 0 || err != nil {
		t.Errorf("Sweep = %d, %v: an expired record was read back", n, err)
	}
	// A crash now must not bring back what has ended since: the file is gone.
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the snapshot is still there: %v", err)
	}
	if left, _ := filepath.Glob(path + "*"); len(left) != 0 {
		t.Errorf("files left: %q", left)
	}
}

// A service that is killed while it waits for its last requests has its sessions from when the stop began; one that
// is not has them as the last request left them.
func TestSnapshotWhenTheStopBegins(t *testing.T) {
	for _, killed := range []bool{true, false} {
		path := filepath.Join(t.TempDir(), "sessions")
		ctx, stop := context.WithCancel(t.Context())
		s, err := memory.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		create(t, s, "before", "", time.Now().Add(time.Hour))
		stop()
		for range 1000 {
			if _, err := os.Stat(path); err == nil {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		create(t, s, "after", "", time.Now().Add(time.Hour))
		if !killed {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		found, err := open(t, options{snapshot: path}).Find(t.Context(), "before", "after")
		if err != nil || found[0] == nil || (found[1] == nil) != killed {
			t.Errorf("killed %v: Find = %#v, %v", killed, found, err)
		}
	}
}

// A stop that begins after the store was closed writes no snapshot: the next store has read the last one.
func TestNoSnapshotAfterClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions")
	ctx, stop := context.WithCancel(t.Context())
	s, err := memory.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, options{snapshot: path})
	stop()
	time.Sleep(20 * time.Millisecond)
	if _, err := os.Stat(path); err == nil {
		t.Error("a snapshot was written after Close")
	}
}

func TestDamagedSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions")
	s := open(t, options{snapshot: path})
	create(t, s, "a", "data", time.Now().Add(time.Hour))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[20] ^= 1
	for name, data := range map[string][]byte{
		"empty": {}, "other": []byte("PNG"), "cut": good[:len(good)-1], "flipped": flipped,
	} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := memory.Open(t.Context(), path)
		if err == nil || !strings.Contains(err.Error(), "remove the file") {
			t.Errorf("%s: Open = %v, want an error with a remedy", name, err)
		}
		if got, _ := os.ReadFile(path); !bytes.Equal(got, data) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// A snapshot that cannot be written stops the start: at the stop it would cost all sessions.
func TestSnapshotRefused(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ url, want string }{
		"no such directory": {filepath.Join(dir, "no", "sessions.snapshot"), "make the directory"},
		"below a file":      {filepath.Join(file, "sessions.snapshot"), "name another file"},
		"a directory":       {dir, "directory"},
		"redis":             {"redis://:geheim@127.0.0.1:6379/0", "another store"},
		"unix":              {"unix:///run/redis.sock?password=geheim", "another store"},
		"postgres":          {"postgres://ann:geheim@127.0.0.1/db", "another store"},
		"without slashes":   {"redis:geheim@127.0.0.1", "another store"},
		"keywords":          {"host=/run/postgresql password=geheim dbname=db", "another store"},
		"file URL":          {"file:geheim.db?mode=ro", "another store"},
		"no file":           {":memory:", "another store"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			_, err := memory.Open(t.Context(), test.url)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("Open(%q) = %v, want an error with %q and without the password", test.url, err, test.want)
			}
			if left, _ := os.ReadDir("."); len(left) != 0 {
				t.Errorf("Open(%q) made %v", test.url, left)
			}
		})
	}
}

func TestSnapshotDirectoryReadOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sessions.snapshot")
	if err := open(t, options{snapshot: path}).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	probe, err := os.CreateTemp(dir, "probe")
	if err == nil { // root, or a system where the mode of a directory says nothing
		probe.Close()
		os.Remove(probe.Name())
	}
	s, openErr := memory.Open(t.Context(), path)
	if (openErr == nil) != (err == nil) {
		t.Errorf("Open = %v where a new file = %v", openErr, err)
	}
	if openErr == nil {
		s.Close()
	}
}

// Names that only look a little like URLs are paths.
func TestSnapshotPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("a=b", 0o700); err != nil {
		t.Fatal(err)
	}
	names := []string{"sessions.snapshot", "./sessions=1", "./a=b/sessions", filepath.Join(t.TempDir(), "sessions=1")}
	if runtime.GOOS != "windows" {
		names = append(names, "./sessions:1", `C:\sessions`, "C:sessions")
	}
	for _, name := range names {
		s, err := memory.Open(t.Context(), name)
		if err != nil {
			t.Errorf("Open(%q) = %v", name, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close of %q = %v", name, err)
		}
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}
