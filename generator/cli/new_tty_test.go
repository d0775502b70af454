//go:build linux

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/cli/ask/ttytest"
)

// dialogue is what a person sees and types to make a project.
type dialogue [][2]string

var wholeDialogue = dialogue{
	{askDirectory, "shop\r"}, {askModule, "\r"}, {askURL, "\r"}, {askOrigin, "\r"}, {askMore, "\r"},
	{askPurpose, "\r"}, {askKey, "\r"}, {askMaxAge, "\r"}, {askRenewal, "\r"},
	{askStore, "\r"}, {askCaptcha, "\r"}, {askDemo, "\r"}, {askWrite, "\r"},
}

func (d dialogue) hold(s *ttytest.Screen) {
	for _, step := range d {
		s.Answer(step[0], step[1])
	}
}

func TestNewOnTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := ttytest.Start(t, ttytest.Options{Dir: dir, Rows: 70}, "sessionseed", "new")
	dialogue{
		{askDirectory, "my shop\r"},
		{askModule, "../x\r"}, {`module path "../x" cannot be used`, "example.com/shop\r"},
		{askURL, "?\r"}, {"URL at which browsers reach", "https://API.example.com:443\r"},
		{"is taken as https://api.example.com", ""},
		{askOrigin, "*\r"}, {"would let every web site", "https://app.example.com/\r"},
		{askMore, "https://admin.example.com\r"}, {"https://admin.example.com", "\r"},
		{askPurpose, ttytest.Down + "\r"},
		{askKey, "koa:sess\r"}, {"net/http silently drops such a cookie", "sid\r"},
		{askMaxAge + " (30m)", "-1\r"}, {"would end every session at once", "45m\r"},
		{askRenewal, "half\r"},
		{askStore, "coo\r"},
		{askCaptcha, "n\r"}, {askDemo, "\r"},
		{"SameSite=Lax", ""},
		{askWrite, "\r"},
	}.hold(s)
	if code := s.Exit(); code != exitOK {
		t.Fatalf("exit %d, want 0; the screen shows:\n%s", code, s)
	}
	for _, want := range []string{"Created 'my shop'", "cd 'my shop'", "go run .", "sessionseed new 'my shop' "} {
		if !s.Shows(want) {
			t.Errorf("the screen does not show %q:\n%s", want, s)
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
		if _, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && len(value) > 15 &&
			!strings.HasPrefix(line, "#") &&
			strings.Contains(s.Raw(), value) &&
			!strings.Contains(value, "http") {
			t.Errorf("the terminal shows a value of .env: %s", line)
		}
	}

	// What it printed does the same without questions.
	_, command, ok := strings.Cut(strings.ReplaceAll(s.Raw(), "\r", ""), "The same without questions:\n")
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

// In a module that exists the directory of the packages is asked for in place of the
// project's and of the module path.
func TestAddOnTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/shop\n\ngo 1.26.0\n",
		"main.go": "package main\n\nimport \"net/http\"\n\n" +
			"func main() { http.ListenAndServe(\":80\", nil) }\n",
		"internal/web/it.go": "package web\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := ttytest.Start(t, ttytest.Options{Dir: dir, Rows: 90}, "sessionseed", "add")
	dialogue{
		{askInto + " (internal/auth)", "internal\r"}, {"packages of yours in internal/web", "pkg/auth\r"},
		{askURL, "\r"}, {askOrigin, "\r"}, {askMore, "\r"}, {askPurpose, "\r"}, {askKey, "<\r"}, {askPurpose, "\r"},
		{askKey, "sid\r"}, {askMaxAge, "\r"}, {askRenewal, "\r"}, {askStore, "\r"}, {askCaptcha, "n\r"},
		{askDemo, "\r"}, {"pkg/auth, for you to mount", ""}, {"Add the packages?", "\r"},
	}.hold(s)
	if code := s.Exit(); code != exitOK {
		t.Fatalf("exit %d, want 0; the screen shows:\n%s", code, s)
	}
	for _, want := range []string{"the module compiles", "sessions.Handler(http.DefaultServeMux)", "sessionseed add . ",
		"--dir pkg/auth "} {
		if !s.Shows(want) {
			t.Errorf("the screen does not show %q:\n%s", want, s)
		}
	}
	for _, file := range []string{"pkg/auth/web/mount.go", ".env", "sessionseed.yaml"} {
		if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "demo")); err == nil {
		t.Error("there is a demo, which was not asked for")
	}
}

func TestAddCancelledOnTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/shop\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := ttytest.Start(t, ttytest.Options{Dir: dir}, "sessionseed", "add")
	dialogue{{askInto, "\r"}, {askURL, "\r"}, {askOrigin, ttytest.CtrlC}}.hold(s)
	if code := s.Exit(); code != exitCancelled {
		t.Errorf("exit %d, want %d", code, exitCancelled)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("the cancelled run left %v, %v", list, err)
	}
}

func TestNewCancelledOnTerminal(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"Ctrl-C": ttytest.CtrlC, "Ctrl-D": ttytest.CtrlD} {
		for at := range wholeDialogue {
			for _, mute := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s at %s mute=%t", name, wholeDialogue[at][0], mute), func(t *testing.T) {
					t.Parallel()
					dir := t.TempDir()
					s := ttytest.Start(t, ttytest.Options{Dir: dir, Mute: mute}, "sessionseed", "new")
					wholeDialogue[:at].hold(s)
					s.Answer(wholeDialogue[at][0], key)
					wantCancelled(t, s, dir)
				})
			}
		}
	}
}

// No at the end goes back to the questions; from there it can be cancelled too.
func TestNewNoGoesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := ttytest.Start(t, ttytest.Options{Dir: dir}, "sessionseed", "new")
	wholeDialogue[:len(wholeDialogue)-1].hold(s)
	dialogue{
		{askWrite, "n\r"}, {askChange, "store\r"}, {askStore, "redis\r"},
		{"redis (several instances", "n\r"}, {"nothing is written", "cancel\r"},
	}.hold(s)
	wantCancelled(t, s, dir)
}

func wantCancelled(t *testing.T, s *ttytest.Screen, dir string) {
	t.Helper()
	const want = "cancelled: nothing was written"
	if code := s.Exit(); code != exitCancelled || !s.Shows(want) {
		t.Errorf("exit %d, want %d and %q on:\n%s", code, exitCancelled, want, s)
	}
	if got := entries(t, dir); len(got) > 0 {
		t.Errorf("left behind: %q", got)
	}
	if !s.CursorVisible() || s.IsRaw() {
		t.Error("the terminal is not given back as it was")
	}
}

func TestNewNarrowTerminal(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{20, 6}, {30, 10}, {40, 24}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := ttytest.Start(t, ttytest.Options{Dir: dir, Cols: size[0], Rows: size[1]}, "sessionseed", "new")
			dialogue{
				{askDirectory, "shop\r"}, {"path", "example.com/shop\r"}, {"URL", "\r"}, {"origin", "\r"}, {"finish)",
					"\r"},
				{"One day", "\r"}, {"(key)", "\r"}, {"(maxAge)", "\r"}, {"When it changes", "\r"}, {"memory", "\r"},
				{"login?", "\r"}, {"front end?", "\r"}, {askWrite, "\r"},
			}.hold(s)
			if code := s.Exit(); code != exitOK {
				t.Errorf("exit %d, want 0; the screen shows:\n%s", code, s)
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
			s := ttytest.Start(t, ttytest.Options{Dir: dir, Mute: mute}, "sessionseed", "new")
			s.Answer(askDirectory, "shop\rexample.com/typed\r\r\r\r"+ttytest.Down+"\r"+"\r\r\r"+"\r\r\r\r")
			if code := s.Exit(); code != exitOK {
				t.Fatalf("exit %d, want 0; the screen shows:\n%s", code, s)
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
	s := ttytest.Start(t, ttytest.Options{Dir: dir, Rows: 90}, "sessionseed", "new", "shop", "--accessible", "--store",
		"memory")
	for _, step := range [][2]string{
		{askModule + " [example.com/shop]", "\r"}, {askURL, "\r"}, {askOrigin, "none\r"}, {"Number 1 to 4", "4\r"},
		{"Number 1 to 3", "2\r"}, {askKey, "<\r"}, {"Number 1 to 5", "?\r"}, {"first three", "\r"},
		{askKey, "\r"}, {askMaxAge + " [1h]", "\r"}, {askRenewal, "\r"}, {askCaptcha, "n\r"}, {askWrite, "n\r"},
		{"Number 1 to", "?\r"}, {"asked again", "<\r"}, {askWrite, "\r"},
	} {
		s.SeeLine(step[0])
		s.Send(step[1])
	}
	code := s.Exit()
	for _, want := range []string{"Created shop", "--assurance aal2"} {
		if code != exitOK || !s.Shows(want) {
			t.Errorf("exit %d, want 0 and %q on:\n%s", code, want, s)
		}
	}
}

// Nothing is asked unless standard output is a terminal; if standard error is not one,
// the questions move from there to standard output.
func TestNewAsksOnStandardOutput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := ttytest.Start(t, ttytest.Options{Dir: dir}, "sh", "-c", "sessionseed new 2>log")
	s.Answer(askDirectory, ttytest.CtrlC)
	if code := s.Exit(); code != exitCancelled {
		t.Errorf("exit %d, want %d", code, exitCancelled)
	}
}

// A walk through the questions, off the straight way too, on terminals of two widths:
// no line is broken in the middle of a word, what was refused stays visible, and the
// summary is on the screen as a whole. With SCREENS=DIR the screens are written there,
// to be looked at.
func TestNewWalk(t *testing.T) {
	t.Parallel()
	for _, cols := range []int{80, 60} {
		t.Run(fmt.Sprint(cols), func(t *testing.T) {
			t.Parallel()
			s := ttytest.Start(t, ttytest.Options{Cols: cols, Rows: 24, Dir: t.TempDir()}, "sessionseed", "new")
			for i, step := range []struct {
				keys string
				want []string // on the screen afterwards
			}{
				{"", []string{"< to go back", askDirectory + " (my-service)"}},
				{"shop\r", []string{askModule + " (example.com/shop)"}},
				{"../x\r", []string{askModule + " ../x", `module path "../x" cannot be used`, askModule +
					" (example.com/shop)"}},
				{"<", []string{askModule + " <", askDirectory + " (shop)"}},
				{"\r", []string{askModule + " (example.com/shop)"}},
				{"\r", []string{askURL + " (http://localhost:8080)"}},
				{"https://api.example.com\r", []string{askOrigin + " (http://localhost:5173)"}},
				{"https://app.example.org/\r", []string{askOrigin + " https://app.example.org/", askMore}},
				{"\r", []string{
					`"https://app.example.org/" is taken as https://app.example.org`,
					"warning: https://app.example.org and https://api.example.com are two sites",
					"> One day - 24 hours", "By a security standard",
				}},
				{"?", []string{"sets maxAge, rolling, renew and absoluteMaxAge", "> One day"}},
				{"xyz", []string{"nothing matches"}},
				{ttytest.Back + ttytest.Back + ttytest.Back + ttytest.Down, []string{"> Log out when idle"}},
				{"\r", []string{askPurpose + " Log out when idle", askKey + " (koa.sess)"}},
				{"?\r", []string{"name of the session cookie"}},
				{"koa:sess\r", []string{askKey + " koa:sess", "net/http silently drops such a cookie"}},
				{"\r", []string{askMaxAge + " (30m)"}},
				{"\r", []string{askRenewal, "> At every request", "When it changes", "When half has passed"}},
				{"\r", []string{askStore, "> memory", "redis"}},
				{"\r", []string{askCaptcha + " (Y/n)"}},
				{"maybe\r", []string{`"maybe" is not a valid answer`}},
				{"<", []string{askCaptcha + " <", askStore}},
				{"\r", []string{askCaptcha}},
				{"\r", []string{askDemo}},
				{"\r", []string{
					"Directory shop", "Module example.com/shop", "Front ends https://app.example.org",
					"30 minutes after the last request (rolling)",
					"Cookie __Host-koa.sess; Path=/; HttpOnly; Secure; SameSite=None",
					"{credentials: 'include'}", askWrite + " (Y/n)",
				}},
				{"n\r", []string{askChange, "> Directory - shop", "Cookie name", "Cancel - nothing is written"}},
				{"front\r", []string{askOrigin}},
				{"https://app.example.com\r", []string{askMore}},
				{"\r", []string{"Front ends https://app.example.com", "are one site", askWrite}},
			} {
				s.Send(step.keys)
				s.See(step.want...)
				lines := s.Lines()
				if dir := os.Getenv("SCREENS"); dir != "" {
					name := filepath.Join(dir, fmt.Sprintf("%d-%02d.txt", cols, i))
					if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				for _, line := range lines {
					if r := []rune(line); len(r) == cols && r[cols-1] != ' ' {
						t.Errorf("step %d: a line is as wide as the screen: %q", i, line)
					}
				}
			}
			s.Send("\r")
			if code := s.Exit(); code != exitOK {
				t.Errorf("exit %d, want 0:\n%s", code, s)
			}
		})
	}
}

// Problems of flags are reported before the first question.
func TestNewRefusesBeforeAsking(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := ttytest.Start(t, ttytest.Options{Dir: dir}, "sessionseed", "new", ".", "--key", "koa:sess", "--max-age", "0")
	if code := s.Exit(); code != exitUsage {
		t.Errorf("exit %d, want %d", code, exitUsage)
	}
	for _, want := range []string{"is not empty: it holds a", `"koa:sess" is not a valid cookie name`,
		"would end every session at once"} {
		if !s.Shows(want) {
			t.Errorf("the screen does not show %q:\n%s", want, s)
		}
	}
}

// On 80 columns each answer of an ordinary interview stays on the screen.
func TestNewKeepsEachAnswerOn80Columns(t *testing.T) {
	t.Parallel()
	const module = "git.example-company.com/platform/customer-accounts/session-service"
	const api, app = "https://api.accounts.example-company.com", "https://app.accounts.example-company.com"
	const admin = "https://admin.accounts.example-company.com"
	s := ttytest.Start(t, ttytest.Options{Cols: 80, Rows: 60, Dir: t.TempDir()}, "sessionseed", "new")
	dialogue{
		{askDirectory, "shop\r"}, {askModule, module + "\r"}, {askURL, api + "\r"},
		{askOrigin, app + "\r"}, {askMore, admin + "\r"}, {askMore, "\r"},
		{askPurpose, "\r"}, {askKey, "\r"}, {askMaxAge, "\r"}, {askRenewal, "\r"},
		{askStore, "\r"}, {askCaptcha, "\r"}, {askDemo, "\r"},
	}.hold(s)
	s.See("Write the project?")
	for _, want := range []string{askDirectory + " shop", askModule + " " + module, askURL + " " + api, askOrigin +
		" " + app, "Another origin (leave empty to finish) " + admin, askStore, askCaptcha, askDemo} {
		if !s.Shows(want) {
			t.Errorf("the screen does not show %q:\n%s", want, s)
		}
	}
	s.Send("\r")
	if code := s.Exit(); code != exitOK {
		t.Errorf("exit %d, want 0", code)
	}
}

// The interview of regenerate, whose defaults are the project's own values.
func TestRegenerateOnTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := ttytest.Start(t, ttytest.Options{Dir: dir}, "sessionseed", "new", "shop", "--yes", "--store", "cookie",
		"--public-url", "https://api.accounts.example-company.com", "--cors-origin", "https://app.example-company.com")
	if code := made.Exit(); code != exitOK {
		t.Fatalf("new: exit %d:\n%s", code, made)
	}
	s := ttytest.Start(t, ttytest.Options{Cols: 80, Rows: 60, Dir: filepath.Join(dir, "shop")}, "sessionseed",
		"regenerate", "-i", "--no-verify")
	dialogue{
		{askModule, "\r"}, {askURL, "\r"}, {askOrigin, "\r"},
		{askMore, "https://admin.accounts.example-company.com\r"}, {askMore, "\r"},
		{askPurpose, "\r"}, {askKey, "\r"}, {askMaxAge, "\r"}, {askRenewal, "\r"},
		{askStore, "memory\r"}, {askCaptcha, "n\r"}, {askDemo, "\r"},
	}.hold(s)
	if code := s.Exit(); code != exitOK {
		t.Errorf("exit %d, want 0:\n%s", code, s)
	}
	for _, want := range []string{askURL + " https://api.accounts.example-company.com", askMore +
		" https://admin.accounts", "store: cookie -> memory", "captcha.enabled: true -> false", "Written: "} {
		if !s.Shows(want) {
			t.Errorf("the screen does not show %q:\n%s", want, s)
		}
	}
	if check := ttytest.Start(t, ttytest.Options{Dir: filepath.Join(dir, "shop")}, "sessionseed",
		"check"); check.Exit() != exitOK {
		t.Errorf("check:\n%s", check)
	}
}
