package postgres_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// server is a private PostgreSQL server on a free port of 127.0.0.1, in a temporary folder, for tests that have none
// named in TEST_POSTGRES_DSN, and for those that stop and start it.
type server struct {
	bin, dir string
	port     int
}

// startServer makes and starts a server from the PostgreSQL programs that are installed on this machine.
func startServer() (*server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	s := &server{bin: bin, dir: dir}
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
	return "", errors.New("no PostgreSQL server: set TEST_POSTGRES_DSN, or install one (apt install postgresql)")
}

func (s *server) init() error {
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
	// A free port stays free long enough: the server takes it at once.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	err = s.run("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return err
	}
	return s.start()
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

func (s *server) start() error {
	// Without fsync, for speed: a killed server loses nothing by that, only a power cut would.
	options := fmt.Sprintf("-c listen_addresses=127.0.0.1 -c port=%d -c unix_socket_directories=%s -c fsync=off",
		s.port, s.dir)
	return s.run("pg_ctl", "start", "-w", "-D", s.data(), "-l", filepath.Join(s.dir, "log"), "-o", options)
}

// stop kills the server as a crash would ("immediate"): no clean end of connections, recovery at the next start.
func (s *server) stop() error {
	return s.run("pg_ctl", "stop", "-w", "-D", s.data(), "-m", "immediate")
}

func (s *server) remove() {
	s.stop()
	os.RemoveAll(s.dir)
}

func (s *server) dsn() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", s.port)
}

func (s *server) run(program string, args ...string) error {
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
