package sqlite

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// TestPragmas holds each connection to the settings that its use needs; see the package documentation and open.
func TestPragmas(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "sessions.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const off, normal, full = 0, 1, 2
	cases := []struct {
		name, pragma string
		db           *sql.DB
		want         int
	}{
		{"a deletion waits for the disk", "synchronous", s.durable.db, full},
		{"other writes do not", "synchronous", s.writer.db, normal},
		{"readers cannot write", "query_only", s.readers, 1},
		{"the writer does not wait inside SQLite", "busy_timeout", s.writer.db, off},
		{"nor do deletions", "busy_timeout", s.durable.db, off},
		{"readers wait for recovery after a crash", "busy_timeout", s.readers, 2000},
		{"the writer can write", "query_only", s.writer.db, off},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got int
			if err := c.db.QueryRow("PRAGMA " + c.pragma).Scan(&got); err != nil || got != c.want {
				t.Errorf("PRAGMA %s = %d, %v; want %d", c.pragma, got, err, c.want)
			}
		})
	}
}
