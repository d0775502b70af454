//go:build linux

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// dialogue is what a person sees and types to make a project.
type dialogue [][2]string

var wholeDialogue = dialogue{
	{askDirectory, "shop\r"}, {askModule, "\r"}, {askURL, "\r"}, {askOrigin, "\r"}, {askMore, "\r"},
	{askPurpose, "\r"}, {askStore, "\r"}, {askCaptcha, "\r"}, {askDemo, "\r"}, {"Write the project?", "\r"},
}

func (d dialogue) hold(s *tty) {
	s.t.Helper()
	for _, step := range d {
		s.answer(step[0], step[1])
	}
}

func TestNewOnTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := onTTY(t, ttyOptions{dir: dir, rows: 70}, "sessionseed", "new")
	dialogue{
		{askDirectory, "my shop\r"},
		{askModule, "../x\r"}, {`module path "../x" cannot be used`, "example.com/shop\r"},
		{askURL, "?\r"}, {"the URL at which browsers reach", "https://API.example.com:443\r"},
		{"is written https://api.example.com", ""},
		{askOrigin, "*\r"}, {"would let every web site", "https://app.example.com/\r"},
		{askMore, "https://admin.example.com\r"}, {"https://admin.example.com", "\r"},
		{askPurpose, keyDown + keyDown + keyDown + keyDown + "\r"},
		{askKey, "koa:sess\r"}, {"net/http drops such a cookie", "sid\r"},
		{askMaxAge, "-1\r"}, {"would end every session at once", "30m\r"},
		{askRolling, "y\r"},
		{askStore, "coo\r"},
		{askCaptcha, "n\r"}, {askDemo, "\r"},
		{"SameSite=Lax", ""},
		{"Write the project?", "\r"},
	}.hold(s)
	if code := s.exit(); code != exitOK {
		t.Fatalf("exit %d, want 0; the screen shows:\n%s", code, s.screen)
	}
	for _, want := range []string{"Created 'my shop'", "cd 'my shop'", "go run .", "sessionseed new 'my shop' "} {
		if !s.shows(want) {
			t.Errorf("the screen does not show %q:\n%s", want, s.screen)
		}
	}
	for _, file := range []string{"go.mod", "main.go", ".env", "sessionseed.yaml", "internal/store/cookie"} {
		if _, err := os.Stat(filepath.Join(dir, "my shop", file)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "my shop", "internal/captcha")); err == nil {
		t.Error("there is a captcha, which was declined")
	}
	env, err := os.ReadFile(filepath.Join(dir, "my shop", ".env"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(env)) {
		if _, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && len(value) > 15 && !strings.HasPrefix(line, "#") && strings.Contains(s.raw.String(), value) && !strings.Contains(value, "http") {
			t.Errorf("the terminal shows a value of .env: %s", line)
		}
	}

	// What it printed does the same without questions.
	_, command, ok := strings.Cut(strings.ReplaceAll(s.raw.String(), "\r", ""), "The same without questions:\n")
	if !ok {
		t.Fatal("no equivalent command is printed")
	}
	before, err := os.ReadFile(filepath.Join(dir, "my shop", "sessionseed.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "my shop")); err != nil {
		t.Fatal(err)
	}
	sh := exec.Command("sh", "-c", command)
	sh.Dir = dir
	if out, err := sh.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	after, err := os.ReadFile(filepath.Join(dir, "my shop", "sessionseed.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Errorf("the equivalent command %s\nmakes other options:\n%s\nwant:\n%s", command, after, before)
	}
}

func TestNewCancelledOnTerminal(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"Ctrl-C": keyCtrlC, "Ctrl-D": keyCtrlD, "no": "n\r"} {
		for at := range wholeDialogue {
			if name == "no" && at != len(wholeDialogue)-1 {
				continue
			}
			for _, mute := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s at %s mute=%t", name, wholeDialogue[at][0], mute), func(t *testing.T) {
					t.Parallel()
					dir := t.TempDir()
					s := onTTY(t, ttyOptions{dir: dir, mute: mute}, "sessionseed", "new")
					wholeDialogue[:at].hold(s)
					s.answer(wholeDialogue[at][0], key)
					if code := s.exit(); code != exitCancelled || !s.shows("cancelled: nothing was written") {
						t.Errorf("exit %d, want %d and words on:\n%s", code, exitCancelled, s.screen)
					}
					if got := entries(t, dir); len(got) > 0 {
						t.Errorf("left behind: %q", got)
					}
					if !s.screen.CursorVisible() || s.isRaw() {
						t.Error("the terminal is not given back as it was")
					}
				})
			}
		}
	}
}

func TestNewNarrowTerminal(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{20, 6}, {30, 10}, {40, 24}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := onTTY(t, ttyOptions{dir: dir, cols: size[0], rows: size[1]}, "sessionseed", "new")
			dialogue{
				{askDirectory, "shop\r"}, {"path", "example.com/shop\r"}, {"URL", "\r"}, {"origin", "\r"}, {"no more", "\r"},
				{"Custom", "\r"}, {"redis", "\r"}, {"login?", "\r"}, {"front end?", "\r"}, {"Write the project?", "\r"},
			}.hold(s)
			if code := s.exit(); code != exitOK {
				t.Errorf("exit %d, want 0; the screen shows:\n%s", code, s.screen)
			}
			if got := fmt.Sprint(entries(t, dir)); got != "[shop]" {
				t.Errorf("the directory holds %s, want [shop]", got)
			}
		})
	}
}

// A whole session typed ahead, on terminals that answer and that do not.
func TestNewTypeAhead(t *testing.T) {
	t.Parallel()
	for _, mute := range []bool{false, true} {
		t.Run(fmt.Sprintf("mute=%t", mute), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := onTTY(t, ttyOptions{dir: dir, mute: mute}, "sessionseed", "new")
			s.answer(askDirectory, "shop\rexample.com/typed\r\r\r\r"+keyDown+"\r"+"\r\r\r\r")
			if code := s.exit(); code != exitOK {
				t.Fatalf("exit %d, want 0; the screen shows:\n%s", code, s.screen)
			}
			options, err := os.ReadFile(filepath.Join(dir, "shop", "sessionseed.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{`module: "example.com/typed"`, "rolling: true", "maxAge: 30m"} {
				if !strings.Contains(string(options), want) {
					t.Errorf("sessionseed.yaml lacks %s", want)
				}
			}
		})
	}
}

func TestNewAccessible(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := onTTY(t, ttyOptions{dir: dir, rows: 90}, "sessionseed", "new", "shop", "--accessible", "--store", "memory")
	for _, step := range [][2]string{
		{askModule + " [example.com/shop]", "\r"}, {askURL, "\r"}, {askOrigin, "none\r"}, {"Number 1 to 5", "4\r"}, {"Number 1 to 3", "2\r"}, {askCaptcha, "n\r"}, {"Write the project?", "\r"},
	} {
		s.seeLine(step[0])
		s.send(step[1])
	}
	if code := s.exit(); code != exitOK || !s.shows("Created shop") || !s.shows("--assurance aal2") {
		t.Errorf("exit %d, want 0; the screen shows:\n%s", code, s.screen)
	}
}

// Standard output may be kept apart from the questions only if it is a
// terminal; if standard error is not one, the questions move to standard output.
func TestNewAsksOnStandardOutput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := onTTY(t, ttyOptions{dir: dir}, "sh", "-c", "sessionseed new 2>log")
	s.answer(askDirectory, keyCtrlC)
	if code := s.exit(); code != exitCancelled {
		t.Errorf("exit %d, want %d", code, exitCancelled)
	}
}

// Problems of flags are reported before the first question.
func TestNewRefusesBeforeAsking(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := onTTY(t, ttyOptions{dir: dir}, "sessionseed", "new", ".", "--key", "koa:sess", "--max-age", "0")
	if code := s.exit(); code != exitUsage {
		t.Errorf("exit %d, want %d", code, exitUsage)
	}
	for _, want := range []string{"is not empty: it holds a", `"koa:sess" is no cookie name`, "would end every session at once"} {
		if !s.shows(want) {
			t.Errorf("the screen does not show %q:\n%s", want, s.screen)
		}
	}
}
