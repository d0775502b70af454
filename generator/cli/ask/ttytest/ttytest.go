//go:build linux

// Package ttytest runs a command on a terminal of its own, for tests.
package ttytest

import (
	"bytes"
	"cmp"
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

// Screen is a command on a terminal of its own: a pseudo-terminal whose other end
// an emulator reads, which also answers what the command asks the terminal.
type Screen struct {
	t       *testing.T
	file    *os.File
	screen  vt10x.Terminal
	exited  chan error
	Process *os.Process

	mu  sync.Mutex
	raw bytes.Buffer // everything the command wrote
}

// Options of the terminal and the command.
type Options struct {
	Cols, Rows int // 100 and 40 if zero
	Dir        string
	Env        []string // added to the environment
	Mute       bool     // the terminal answers nothing
}

// Start starts a command that TestMain provides. The command is killed when
// the test ends.
func Start(t *testing.T, o Options, name string, args ...string) *Screen {
	t.Helper()
	o.Cols, o.Rows = cmp.Or(o.Cols, 100), cmp.Or(o.Rows, 40)
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = o.Dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "CI=") || strings.HasPrefix(v, "NO_COLOR=") || strings.HasPrefix(v, "SESSIONSEED_")
	})
	cmd.Env = append(append(cmd.Env, "TERM=xterm-256color"), o.Env...)
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(o.Cols), Rows: uint16(o.Rows)})
	if err != nil {
		t.Fatal(err)
	}
	s := &Screen{t: t, file: file, Process: cmd.Process, exited: make(chan error, 1)}
	answers := io.Writer(file)
	if o.Mute {
		answers = io.Discard
	}
	s.screen = vt10x.New(vt10x.WithSize(o.Cols, o.Rows), vt10x.WithWriter(answers))
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

// String is what the screen shows, a line each.
func (s *Screen) String() string { return s.screen.String() }

// Lines are the rows of the screen.
func (s *Screen) Lines() []string {
	return strings.Split(strings.TrimSuffix(s.screen.String(), "\n"), "\n")
}

// Raw is everything that the command wrote.
func (s *Screen) Raw() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw.String()
}

// CursorVisible reports whether the terminal shows its cursor.
func (s *Screen) CursorVisible() bool { return s.screen.CursorVisible() }

// Text is the screen as one line, without blanks: a text is found however the terminal
// or the command breaks it.
func (s *Screen) Text() string { return unbroken(s.screen.String()) }

func unbroken(text string) string { return strings.Join(strings.Fields(text), "") }

// Count is how often the screen shows a text.
func (s *Screen) Count(text string) int { return strings.Count(s.Text(), unbroken(text)) }

// IsRaw reports whether the terminal hands over single keys without echo, which
// is when the command is ready for them: a Ctrl-C earlier than that is a signal.
func (s *Screen) IsRaw() bool {
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

// See waits until the screen shows each text and keys are read one by one.
func (s *Screen) See(texts ...string) {
	s.t.Helper()
	s.wait(func() bool { return s.IsRaw() && s.Shows(texts...) }, texts)
}

// SeeLine waits for text of a command that reads whole lines.
func (s *Screen) SeeLine(texts ...string) {
	s.t.Helper()
	s.wait(func() bool { return s.Shows(texts...) }, texts)
}

func (s *Screen) Shows(texts ...string) bool {
	screen := s.Text()
	return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(screen, unbroken(text)) })
}

func (s *Screen) wait(done func() bool, texts []string) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("the screen does not show %q; it shows:\n%s", texts, s.screen)
		}
	}
}

// Send types keys.
func (s *Screen) Send(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.file, keys); err != nil {
		s.t.Fatal(err)
	}
}

// Answer waits for a question and types keys.
func (s *Screen) Answer(question, keys string) {
	s.t.Helper()
	s.See(question)
	s.Send(keys)
}

// Exit waits for the command's end and returns its code.
func (s *Screen) Exit() int {
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
	case <-time.After(time.Minute):
		s.t.Fatalf("the command does not end; the screen shows:\n%s", s.screen)
		return -1
	}
}

// Keys as a terminal sends them.
const (
	Enter = "\r"
	Down  = "\x1b[B"
	Up    = "\x1b[A"
	Left  = "\x1b[D"
	Back  = "\x7f"
	CtrlC = "\x03"
	CtrlD = "\x04"
)
