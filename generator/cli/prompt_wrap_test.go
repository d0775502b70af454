//go:build linux

package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// An answer that wraps takes nothing off the screen but its own lines, wherever
// on its line the question ends.
func TestPromptAnswerThatWraps(t *testing.T) {
	t.Parallel()
	for cols := 24; cols <= 44; cols += 2 {
		for _, length := range []int{4, 12, 30, 2 * cols} {
			t.Run(fmt.Sprintf("%d characters at %d columns", length, cols), func(t *testing.T) {
				t.Parallel()
				s := onTTY(t, ttyOptions{cols: cols, rows: 30}, "questionnaire")
				name := strings.Repeat("abcdefghij", 10)[:length]
				s.answer("Name", "x1\r") // refused, and asked again below what is wrong
				s.answer("write letters", name+"\r")
				s.answer("Hello, "+name, "\r")
				s.answer("Town", name+"\r")
				s.answer("Another town", "\r")
				s.answer("Sure?", "n\r")
				if code := s.exit(); code != exitOK {
					t.Errorf("exit %d, want 0", code)
				}
				for _, want := range []string{"write letters", "? Name " + name, "Hello, " + name, "? Fruit pear", "? Town " + name, "? Another town", "? Sure? No", "answers: " + name} {
					if strings.Count(s.text(), want) != 1 {
						t.Errorf("the screen does not show %q once:\n%s", want, s.screen)
					}
				}
			})
		}
	}
}

// On 80 columns each answer of an ordinary interview stays on the screen.
func TestNewKeepsEachAnswerOn80Columns(t *testing.T) {
	t.Parallel()
	const module = "git.example-company.com/platform/customer-accounts/session-service"
	const api, app, admin = "https://api.accounts.example-company.com", "https://app.accounts.example-company.com", "https://admin.accounts.example-company.com"
	s := onTTY(t, ttyOptions{cols: 80, rows: 60, dir: t.TempDir()}, "sessionseed", "new")
	dialogue{
		{askDirectory, "shop\r"}, {askModule, module + "\r"}, {askURL, api + "\r"}, {askOrigin, app + "\r"}, {askMore, admin + "\r"}, {askMore, "\r"},
		{askPurpose, "\r"}, {askStore, "\r"}, {askCaptcha, "\r"}, {askDemo, "\r"},
	}.hold(s)
	s.see("Write the project?")
	for _, want := range []string{askDirectory + " shop", askModule + " " + module, askURL + " " + api, askOrigin + " " + app, askMore + " " + admin, askStore, askCaptcha, askDemo} {
		if !s.shows(want) {
			t.Errorf("the screen does not show %q:\n%s", want, s.screen)
		}
	}
	s.send("\r")
	if code := s.exit(); code != exitOK {
		t.Errorf("exit %d, want 0", code)
	}
}

// The interview of regenerate, whose defaults are the project's own values.
func TestRegenerateOnTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := onTTY(t, ttyOptions{dir: dir}, "sessionseed", "new", "shop", "--yes", "--store", "cookie", "--public-url", "https://api.accounts.example-company.com", "--cors-origin", "https://app.example-company.com")
	if code := made.exit(); code != exitOK {
		t.Fatalf("new: exit %d:\n%s", code, made.screen)
	}
	s := onTTY(t, ttyOptions{cols: 80, rows: 60, dir: filepath.Join(dir, "shop")}, "sessionseed", "regenerate", "-i", "--no-verify")
	dialogue{
		{askModule, "\r"}, {askURL, "\r"}, {askOrigin, "\r"}, {askMore, "https://admin.accounts.example-company.com\r"}, {askMore, "\r"},
		{askPurpose, "\r"}, {askStore, "memory\r"}, {askCaptcha, "n\r"}, {askDemo, "\r"},
	}.hold(s)
	if code := s.exit(); code != exitOK {
		t.Errorf("exit %d, want 0:\n%s", code, s.screen)
	}
	for _, want := range []string{askURL + " https://api.accounts.example-company.com", askMore + " https://admin.accounts", "store: cookie -> memory", "captcha.enabled: true -> false", "Written: "} {
		if !s.shows(want) {
			t.Errorf("the screen does not show %q:\n%s", want, s.screen)
		}
	}
	if check := onTTY(t, ttyOptions{dir: filepath.Join(dir, "shop")}, "sessionseed", "check"); check.exit() != exitOK {
		t.Errorf("check:\n%s", check.screen)
	}
}
