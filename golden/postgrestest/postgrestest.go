// Package postgrestest gives tests a PostgreSQL server: the one that TEST_POSTGRES_DSN names, or a private one.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// private is the server of the whole test run, started by the first test that needs it.
var private struct {
	once   sync.Once
	server *Server
	err    error
}

// Stop ends the private server, if there is one: the last thing of TestMain.
func Stop() {
	if private.server != nil {
		private.server.remove()
	}
}

// Private is a server of this test process alone.
func Private(t testing.TB) *Server {
	t.Helper()
	private.once.Do(func() { private.server, private.err = startServer() })
	if private.err != nil {
		t.Skip(private.err)
	}
	return private.server
}

// DSN names a server and, in it, a schema of this test's own.
func DSN(t testing.TB) string {
	t.Helper()
	base := os.Getenv("TEST_POSTGRES_DSN")
	if base == "" {
		base = Private(t).DSN()
	}
	return Schema(t, base)
}

// Schema makes a schema for the time of the test.
func Schema(t testing.TB, base string) string {
	t.Helper()
	schema := fmt.Sprintf("storetest_%x", time.Now().UnixNano())
	Admin(t, base, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { Admin(t, base, "DROP SCHEMA "+schema+" CASCADE") })
	return With(base, "search_path", schema)
}

// With adds a parameter to a connection string of either form.
func With(dsn, name, value string) string {
	switch {
	case !strings.Contains(dsn, "://"):
		return fmt.Sprintf("%s %s='%s'", dsn, name, value)
	case strings.Contains(dsn, "?"):
		return dsn + "&" + name + "=" + url.QueryEscape(value)
	default:
		return dsn + "?" + name + "=" + url.QueryEscape(value)
	}
}

// Admin runs one statement beside the test. It outlives the test's context, for clean-up.
func Admin(t testing.TB, dsn, query string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, query); err != nil {
		t.Fatal(err)
	}
}

// Server is a private PostgreSQL server on a free port of 127.0.0.1, in a temporary folder, for tests that have none
// named in TEST_POSTGRES_DSN, and for those that stop and start it.
type Server struct {
	bin, dir string
	Port     int
}

// startServer makes and starts a server from the PostgreSQL programs that are installed on this machine.
func startServer() (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir}
	if err := s.init(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return s, nil
}

// programs finds the folder of initdb and pg_ctl, the newest version where there are several.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/pgsql/bin",
	} {
		found, _ := filepath.Glob(filepath.Join(pattern, "initdb"))
		if len(found) > 0 {
			return filepath.Dir(slices.Max(found)), nil
		}
	}
	return "", errors.New("no PostgreSQL server: install one (apt install postgresql), or, for tests that start none " +
		"of their own, set TEST_POSTGRES_DSN")
}

func (s *Server) init() error {
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		account, err := user.Lookup("postgres")
		if err != nil {
			return fmt.Errorf("running as root without an account for the server: %w", err)
		}
		uid, _ := strconv.Atoi(account.Uid)
		if err := os.Chown(s.dir, uid, -1); err != nil {
			return err
		}
	}
	// A free port stays free long enough: the server takes it right after initdb.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.Port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	err = s.run("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return err
	}
	return s.Start()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Start starts it again after Stop.
func (s *Server) Start() error {
	// Without fsync, for speed: a killed server loses nothing by that, only a power cut would.
	options := fmt.Sprintf("-c listen_addresses=127.0.0.1 -c port=%d -c unix_socket_directories=%s -c fsync=off",
		s.Port, s.dir)
	return s.run("pg_ctl", "start", "-w", "-D", s.data(), "-l", filepath.Join(s.dir, "log"), "-o", options)
}

// Stop kills the server as a crash would ("immediate"): no clean end of connections, recovery at the next start.
func (s *Server) Stop() error {
	return s.run("pg_ctl", "stop", "-w", "-D", s.data(), "-m", "immediate")
}

func (s *Server) remove() {
	s.Stop()
	os.RemoveAll(s.dir)
}

// DSN names its database.
func (s *Server) DSN() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", s.Port)
}

func (s *Server) run(program string, args ...string) error {
	args = append([]string{filepath.Join(s.bin, program)}, args...)
	if os.Getuid() == 0 {
		args = append([]string{"runuser", "-u", "postgres", "--"}, args...)
	}
	// The output goes to a file: the server would keep a pipe open, and with it this process waiting.
	out, err := os.CreateTemp("", "pgtest-output")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = os.TempDir()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%s: %w\n%s", program, err, strings.TrimSpace(string(text)))
	}
	return nil
}
