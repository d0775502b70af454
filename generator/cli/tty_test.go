//go:build linux

package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"
)

// tty is a command on a terminal of its own: a pseudo-terminal whose other end
// an emulator reads, which also answers what the command asks the terminal.
type tty struct {
	t       *testing.T
	file    *os.File
	screen  vt10x.Terminal
	exited  chan error
	process *os.Process

	mu  sync.Mutex
	raw bytes.Buffer // everything the command wrote
}

type ttyOptions struct {
	cols, rows int
	dir        string
	env        []string // added to the environment
	mute       bool     // the terminal answers nothing
}

// onTTY starts a command that TestMain provides. The command is killed when
// the test ends.
func onTTY(t *testing.T, o ttyOptions, name string, args ...string) *tty {
	t.Helper()
	if o.cols == 0 {
		o.cols, o.rows = 100, 40
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = o.dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "CI=") || strings.HasPrefix(v, "NO_COLOR=") || strings.HasPrefix(v, "SESSIONSEED_")
	})
	cmd.Env = append(append(cmd.Env, "TERM=xterm-256color"), o.env...)
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(o.cols), Rows: uint16(o.rows)})
	if err != nil {
		t.Fatal(err)
	}
	s := &tty{t: t, file: file, process: cmd.Process, exited: make(chan error, 1)}
	answers := io.Writer(file)
	if o.mute {
		answers = io.Discard
	}
	s.screen = vt10x.New(vt10x.WithSize(o.cols, o.rows), vt10x.WithWriter(answers))
	drawn := make(chan struct{})
	go func() {
		defer close(drawn)
		buf := make([]byte, 4096)
		for {
			n, err := file.Read(buf)
			s.mu.Lock()
			s.raw.Write(buf[:n])
			s.mu.Unlock()
			s.screen.Write(buf[:n])
			if err != nil { // EIO: the command's end is closed
				return
			}
		}
	}()
	go func() {
		err := cmd.Wait()
		<-drawn
		s.exited <- err
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		file.Close()
	})
	return s
}

// text is the screen as one line, so that words which a narrow terminal wraps
// are found.
func (s *tty) text() string { return strings.ReplaceAll(s.screen.String(), "\n", "") }

// isRaw reports whether the terminal hands over single keys without echo, which
// is when the command is ready for them: a Ctrl-C earlier than that is a signal.
func (s *tty) isRaw() bool {
	raw := false
	conn, err := s.file.SyscallConn()
	if err != nil {
		return false
	}
	// Fd would make reads of the pseudo-terminal uninterruptible.
	conn.Control(func(fd uintptr) {
		mode, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		raw = err == nil && mode.Lflag&(unix.ICANON|unix.ECHO) == 0
	})
	return raw
}

// see waits until the screen shows each text and keys are read one by one.
func (s *tty) see(texts ...string) {
	s.t.Helper()
	s.wait(func() bool { return s.isRaw() && s.shows(texts...) }, texts)
}

// seeLine waits for text of a command that reads whole lines.
func (s *tty) seeLine(texts ...string) {
	s.t.Helper()
	s.wait(func() bool { return s.shows(texts...) }, texts)
}

func (s *tty) shows(texts ...string) bool {
	screen := s.text()
	return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(screen, text) })
}

func (s *tty) wait(done func() bool, texts []string) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("the screen does not show %q; it shows:\n%s", texts, s.screen)
		}
	}
}

// send types keys.
func (s *tty) send(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.file, keys); err != nil {
		s.t.Fatal(err)
	}
}

// answer waits for a question and types keys.
func (s *tty) answer(question, keys string) {
	s.t.Helper()
	s.see(question)
	s.send(keys)
}

// exit waits for the command's end and returns its code.
func (s *tty) exit() int {
	s.t.Helper()
	select {
	case err := <-s.exited:
		s.exited <- err
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			return failed.ExitCode()
		}
		if err != nil {
			s.t.Fatal(err)
		}
		return 0
	case <-time.After(20 * time.Second):
		s.t.Fatalf("the command does not end; the screen shows:\n%s", s.screen)
		return -1
	}
}

const (
	keyEnter = "\r"
	keyDown  = "\x1b[B"
	keyUp    = "\x1b[A"
	keyLeft  = "\x1b[D"
	keyBack  = "\x7f"
	keyCtrlC = "\x03"
	keyCtrlD = "\x04"
)
