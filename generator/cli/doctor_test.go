package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/doctor"
)

// run is the program with standard streams that are not a terminal.
func run(args ...string) (code int, stdout, stderr string) {
	var out, problems bytes.Buffer
	code = Main(Process{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &problems,
		Environ: os.Environ()})
	return code, out.String(), problems.String()
}

// sessionService has a session for the page, with a cookie of these attributes.
func sessionService(t *testing.T, page, attributes string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		h.Set("Cache-Control", "no-store")
		if r.Header.Get("Origin") == page {
			h.Set("Access-Control-Allow-Origin", page)
			h.Set("Access-Control-Allow-Credentials", "true")
			h.Set("Access-Control-Allow-Headers", "content-type")
		}
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, err := r.Cookie("sid")
		switch {
		case err == nil:
		case r.URL.Path == "/code":
			h.Set("Set-Cookie", "sid=0123456789abcdef0123456789abcdef"+attributes)
		case r.URL.Path == "/me":
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestDoctorExitCodes(t *testing.T) {
	const page = "http://127.0.0.1:5173"
	healthy := sessionService(t, page, "; Path=/; HttpOnly; SameSite=Lax")
	faulty := sessionService(t, page, "; Path=/; HttpOnly; SameSite=None")
	silent := httptest.NewServer(nil)
	silent.Close()
	for _, tt := range []struct {
		name    string
		args    []string
		code    int
		verdict doctor.Verdict
		finding string
	}{
		{"healthy", []string{healthy, "--origin", page}, exitOK, doctor.Works, ""},
		{"faulty", []string{faulty, "--origin", page}, exitDrift, doctor.CannotWork, "none-without-secure"},
		{"origin that the service does not know", []string{healthy, "--origin", "http://127.0.0.1:3000"}, exitDrift,
			doctor.CannotWork, "acao-missing"},
		{"not listening", []string{silent.URL, "--origin", page}, exitError, doctor.NotProbed, "not-listening"},
		{"no session seen", []string{healthy, "--origin", page, "--check", "/me"}, exitError, doctor.NotSeen,
			"not-seen"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"doctor"}, tt.args...)
			code, text, problems := run(args...)
			if code != tt.code || problems != "" || !strings.Contains(text, tt.finding) || text == "" {
				t.Errorf("exit %d, want %d with %q; standard error %q, output:\n%s", code, tt.code, tt.finding,
					problems, text)
			}
			code, text, problems = run(append(args, "--json")...)
			var r doctor.Report
			if err := json.Unmarshal([]byte(text), &r); err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			if code != tt.code || problems != "" || r.Verdict != tt.verdict ||
				tt.finding != "" && !slices.Contains(r.Codes(), tt.finding) {
				t.Errorf("exit %d, verdict %s, findings %q, standard error %q", code, r.Verdict, r.Codes(), problems)
			}
		})
	}
	t.Run("several origins are a list, the worst is the exit code", func(t *testing.T) {
		code, text, _ := run("doctor", healthy, "--origin", page, "--origin", "http://127.0.0.1:3000", "--json")
		var list []doctor.Report
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if code != exitDrift || len(list) != 2 || list[0].Verdict != doctor.Works ||
			list[1].Verdict != doctor.CannotWork {
			t.Errorf("exit %d, reports %s", code, text)
		}
	})
}

func TestDoctorRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tt := range []struct {
		name, want string
		args       []string
	}{
		{"no origin", "no --origin is given", []string{"http://localhost:8080"}},
		{"no URL and no project", "no sessionseed.yaml here", nil},
		{"star", "*", []string{"http://localhost:8080", "--origin", "*"}},
		{"header", "is not a header", []string{"http://localhost:8080", "--origin", "http://localhost:5173", "--header",
			"x"}},
		{"header with a space", "is not a header", []string{"http://localhost:8080", "--origin",
			"http://localhost:5173", "--header", "F oo: x"}},
		{"directory", "doctor takes a URL", []string{"."}},
		{"client", "client that doctor knows", []string{"http://localhost:8080", "--origin", "http://localhost:5173",
			"--client", "curl"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if code, out, problems := run(append([]string{"doctor"}, tt.args...)...); code != exitUsage || out != "" ||
				!strings.Contains(problems, tt.want) {
				t.Errorf("exit %d, output %q, standard error %q; want %d, %q", code, out, problems, exitUsage, tt.want)
			}
		})
	}
}

// A project is built, run and probed as it is, on plain http and behind TLS, with a captcha and without.
func TestDoctorInProject(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	dirs := t.TempDir()
	for _, tt := range []struct {
		name    string
		flags   []string
		origins []string
	}{
		{"http", []string{"--cors-origin", "http://localhost:5173", "--cors-origin", "http://localhost:3000"},
			[]string{"http://localhost:5173", "http://localhost:3000"}},
		{"https", []string{"--public-url", "https://api.shop.test", "--cors-origin", "https://app.shop.test",
			"--captcha=false"}, []string{"https://app.shop.test"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(dirs, tt.name)
			if code, _, problems := run(append([]string{"new", dir, "--yes", "--module", "example.com/shop"},
				tt.flags...)...); code != exitOK {
				t.Fatalf("new: exit %d: %s", code, problems)
			}
			t.Chdir(dir)
			code, out, problems := run("doctor", "--json")
			if code != exitOK {
				t.Fatalf("exit %d: %s\n%s", code, problems, out)
			}
			var reports []doctor.Report
			if err := json.Unmarshal([]byte("["+strings.Trim(strings.TrimSpace(out), "[]")+"]"), &reports); err != nil {
				t.Fatalf("%v in %s", err, out)
			}
			var probed []string
			for _, r := range reports {
				probed = append(probed, r.Origin)
				if r.Verdict != doctor.Works || r.Cookie == "" {
					t.Errorf("%s: verdict %s, cookie %q, findings %q", r.Origin, r.Verdict, r.Cookie, r.Codes())
				}
			}
			if !slices.Equal(probed, tt.origins) {
				t.Errorf("probed for %q, want %q", probed, tt.origins)
			}

			// An origin that is not configured, and what a finding says in a project.
			code, out, problems = run("doctor", "--origin", "http://evil.test")
			if code != exitDrift || !strings.Contains(out, "corsOrigins") {
				t.Errorf("foreign origin: exit %d, %s\n%s", code, problems, out)
			}
		})
	}
	if left := entries(t, temp); len(left) > 0 {
		t.Errorf("left in the temporary directory: %q", left)
	}
}

func TestDoctorInBrokenProject(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	dir := filepath.Join(t.TempDir(), "shop")
	if code, _, problems := run("new", dir, "--yes", "--module", "example.com/shop"); code != exitOK {
		t.Fatalf("new: exit %d: %s", code, problems)
	}
	t.Chdir(dir)
	for _, tt := range []struct{ name, main, want string }{
		{"does not compile", "package main\n\nfunc main() { undefinedFunction() }\n", "undefined: undefinedFunction"},
		{"ends at once",
			"package main\n\nimport \"os\"\n\nfunc main() {\n\tprintln(\"invalid settings\")\n\tos.Exit(1)\n}\n",
			"invalid settings"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range entries(t, dir) {
				if filepath.Ext(name) == ".go" {
					if err := os.Remove(name); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := os.WriteFile("main.go", []byte(tt.main), 0o600); err != nil {
				t.Fatal(err)
			}
			exit := exitError
			if tt.name == "does not compile" {
				exit = exitDrift
			}
			if code, out, problems := run("doctor"); code != exit || out != "" || !strings.Contains(problems, tt.want) {
				t.Errorf("exit %d, output %q, want %d and %q:\n%s", code, out, exit, tt.want, problems)
			}
		})
	}
	if left := entries(t, temp); len(left) > 0 {
		t.Errorf("left in the temporary directory: %q", left)
	}
}
