package main

import (
	"bytes"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/alexedwards/scs/sqlite3store"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/sessionseed/sessionseed/templates/service/bench/session/subject"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	_ "modernc.org/sqlite"
)

// Any scs store module plugs in: two real ones carry sessions through their whole life.
func TestStoresOfSCS(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) any{
		"memstore":     func(*testing.T) any { return memstore.NewWithCleanupInterval(0) },
		"sqlite3store": func(t *testing.T) any { return sqlite3store.NewWithCleanupInterval(openSQLite(t), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			theirs := open(t)
			store, err := session.Adapt(theirs)
			if err != nil {
				t.Fatal(err)
			}
			v := &visitor{t: t, m: newManager(t, store)}

			v.visit(func(s *session.Session[subject.Values]) { s.V.Theme = "dark" })
			anonymous := v.cookie
			v.visit(func(s *session.Session[subject.Values]) {
				if err := s.SignIn("ann"); err != nil {
					t.Error(err)
				}
			})
			v.want("ann", subject.Values{Theme: "dark"})
			if v.as(anonymous).user() != "" {
				t.Error("the token from before the login is logged in")
			}

			v.visit(func(s *session.Session[subject.Values]) { s.V.Count = 7 })
			v.want("ann", subject.Values{Theme: "dark", Count: 7})
			before := v.cookie
			v.visit(func(s *session.Session[subject.Values]) { s.Regenerate() })
			v.want("ann", subject.Values{Theme: "dark", Count: 7})
			if v.cookie == before || v.as(before).user() != "" {
				t.Error("the token from before Regenerate still works")
			}

			// A second manager over the same store is another instance.
			other := &visitor{t: t, m: newManager(t, store), cookie: v.cookie}
			other.want("ann", subject.Values{Theme: "dark", Count: 7})

			stolen := v.cookie
			v.visit(func(s *session.Session[subject.Values]) { s.Destroy() })
			if v.as(stolen).user() != "" || other.user() != "" {
				t.Error("the session survived its logout")
			}
		})
	}
}

// openSQLite returns a database with the table that sqlite3store wants.
func openSQLite(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "scs.db")+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec(`CREATE TABLE sessions (token TEXT PRIMARY KEY, data BLOB NOT NULL, expiry REAL NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	return db
}

func newManager(t *testing.T, store session.Store) *session.Manager[subject.Values] {
	t.Helper()
	cfg := session.Defaults()
	cfg.Store, cfg.Keys = store, [][]byte{bytes.Repeat([]byte{1}, 32)}
	m, err := session.New[subject.Values](cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// visitor is a browser with one cookie, and the service that it visits.
type visitor struct {
	t      *testing.T
	m      *session.Manager[subject.Values]
	cookie string // "name=value"
}

func (v *visitor) as(cookie string) *visitor { return &visitor{t: v.t, m: v.m, cookie: cookie} }

func (v *visitor) visit(do func(*session.Session[subject.Values])) {
	v.t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	if v.cookie != "" {
		r.Header.Set("Cookie", v.cookie)
	}
	rec := httptest.NewRecorder()
	v.m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { do(v.m.Get(r)) })).ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		v.t.Fatalf("status %d", rec.Code)
	}
	for _, c := range rec.Result().Cookies() {
		v.cookie = c.Name + "=" + c.Value
	}
}

func (v *visitor) user() (user string) {
	v.t.Helper()
	v.visit(func(s *session.Session[subject.Values]) { user = s.User() })
	return user
}

func (v *visitor) want(user string, want subject.Values) {
	v.t.Helper()
	v.visit(func(s *session.Session[subject.Values]) {
		if s.User() != user || s.V != want {
			v.t.Errorf("session = %+v of %q, want %+v of %q", s.V, s.User(), want, user)
		}
	})
}
