package redis_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// server is a private redis-server process on a free port of 127.0.0.1 with its files in a temporary folder.
type server struct {
	program, dir string
	port         int
	args         []string
	process      *exec.Cmd
}

// newServer starts a server that ends with the test. It writes each change to its file before it answers, so that it
// loses nothing when it is killed.
func newServer(t *testing.T, args ...string) *server {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if program, err = exec.LookPath("valkey-server"); err != nil {
			t.Skip("no redis-server or valkey-server: install one (Debian: apt install redis-server); TestStore, " +
				"TestTwoProcesses and TestNeverImmortal can also use the server in TEST_REDIS_ADDR=host:port")
		}
	}
	s := &server{program: program, dir: t.TempDir(), port: freePort(t)}
	s.args = append([]string{
		"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.dir,
		"--save", "", "--appendonly", "yes", "--appendfsync", "always", "--logfile", "log",
	}, args...)
	t.Cleanup(func() { s.stop() })
	if err := s.start(); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		t.Fatalf("start %s: %v\n%s", program, err, log)
	}
	return s
}

// freePort finds a port that is free together with the one 10000 higher, which a Cluster's nodes talk on.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		low, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := low.Addr().(*net.TCPAddr).Port
		high, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+10000))
		low.Close()
		if err == nil {
			high.Close()
			return port
		}
	}
	t.Fatal("found no pair of free ports")
	return 0
}

func (s *server) addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// start runs the server and waits until it has read its file and answers.
func (s *server) start() error {
	s.process = exec.Command(s.program, s.args...)
	s.process.Dir = s.dir
	if err := s.process.Start(); err != nil {
		return err
	}
	for range 1000 {
		if s.answers() {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("no answer after 10 s")
}

func (s *server) answers() bool {
	conn, err := net.DialTimeout("tcp", s.addr(), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	var answer [5]byte
	fmt.Fprint(conn, "PING\r\n")
	conn.Read(answer[:])
	return string(answer[:]) == "+PONG"
}

// stop kills the server as a crash would.
func (s *server) stop() error {
	if s.process == nil {
		return nil
	}
	err := s.process.Process.Kill()
	s.process.Wait()
	s.process = nil
	return err
}
