package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// existing are the services of testdata/existing by their directories, and how they
// answer where they differ.
var existing = []struct {
	name          string
	panic, abort  string // the answer to /panic, and to /abort for those that have one
	missing       string // the answer to what is not there
	hijacks, size bool
}{
	{name: "nethttp", panic: "own panic: own", missing: "own 404", hijacks: true},
	{name: "chi", panic: "own panic: own", missing: "own 404", hijacks: true},
	{name: "gorilla", panic: "own panic: own", missing: "own 404", hijacks: true},
	{name: "gin", panic: "own panic: own", abort: `{"own":"abort"}`, missing: "own 404", hijacks: true, size: true},
	{name: "echo", panic: "own panic: own", abort: "own 418", missing: "own 404", hijacks: true, size: true},
	{name: "fiber", panic: "own 500", abort: "own 418", missing: "own 404"},
}

// Sessions are added to services that were there before, one with each router, and
// mounted by the lines that sessionseed prints. A page on another origin logs in, and
// what the services did before they still do.
func TestExistingServices(t *testing.T) {
	const page = "http://app.shop.test"
	h := newHosts(t)
	h.serve(page, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>front</title><p>front")
	}))
	running := map[string]*process{}
	passwords := map[string]string{}
	addrs := map[string]string{}
	for _, s := range existing {
		api := "http://" + s.name + ".shop.test"
		dir := filepath.Join(t.TempDir(), s.name)
		passwords[s.name] = mounted(t, s.name, dir, api, page)
		cmd := exec.Command(filepath.Join(dir, "shop"))
		cmd.Dir = dir
		running[s.name] = start(t, cmd, []string{"LISTEN=127.0.0.1:0"})
		addrs[s.name] = running[s.name].line(`listening on (\S+)`)[1]
		h.forward(api, addrs[s.name])
	}
	b := open(t, h, blocked)
	for _, s := range existing {
		t.Run(s.name, func(t *testing.T) {
			p := b.visit(page)
			p.t = t
			eval[bool](p, `(() => { window.ask = async (path, options) => {
				const r = await fetch("http://`+s.name+`.shop.test" + path, { credentials: "include", ...options });
				return { status: r.status, own: r.headers.get("x-own"), body: (await r.text()).trim() };
			}; return true; })()`)
			ask := func(path, options string) (got struct {
				Status int
				Own    string
				Body   string
			}) {
				t.Helper()
				text := eval[string](p, "ask("+quoteJS(path)+", "+options+").then(JSON.stringify)")
				if err := json.Unmarshal([]byte(text), &got); err != nil {
					t.Fatal(err)
				}
				return got
			}
			want := func(path, options string, status int, body string) {
				t.Helper()
				if got := ask(path, options); got.Status != status || !strings.Contains(got.Body, body) {
					t.Errorf("%s = %d %s, want %d %s", path, got.Status, got.Body, status, body)
				}
			}
			login, _ := json.Marshal(map[string]string{"username": username, "password": passwords[s.name]})
			want("/mine", "{}", 200, "mine:")
			want("/login", `{ method: "POST", headers: { "Content-Type": "application/json" }, body: `+
				quoteJS(string(login))+" }", 200, "logged in")
			want("/mine", "{}", 200, "mine: "+username+" "+username)
			want("/rename", `{ method: "POST" }`, 204, "")
			want("/mine", "{}", 200, "mine: "+username+" renamed")
			want("/me", "{}", 200, `"username":"renamed"`)

			want("/missing", "{}", 404, s.missing)
			want("/login", "{}", 404, s.missing) // GET is the owner's
			want("/panic", "{}", 500, s.panic)
			if s.abort != "" {
				want("/abort", "{}", 418, s.abort)
			}
			want("/upload", `{ method: "POST", body: new Uint8Array(200000) }`, 200, "200000 <nil>") // no limit of ours
			if pieces := eval[int](p, `(async () => {
				const stream = await fetch("http://`+s.name+`.shop.test/stream", { credentials: "include" });
				const reader = stream.body.getReader();
				let n = 0;
				while (!(await reader.read()).done) n++;
				return n;
			})()`); pieces < 2 {
				t.Errorf("the stream came in %d piece", pieces)
			}
			want("/logout", `{ method: "POST" }`, 200, "logged out")
			want("/mine", "{}", 200, "mine:")

			// What no page of a listed front end sends.
			direct(t, addrs[s.name], "GET", "/stream", nil, 200, "line 2")
			evil := map[string]string{"Origin": "https://evil.test"}
			direct(t, addrs[s.name], "POST", "/rename", evil, 403, "cross_origin")
			if s.hijacks {
				direct(t, addrs[s.name], "GET", "/hijack", nil, 200, "taken over")
			}
			if s.size {
				running[s.name].line(`size of /mine: [1-9]\d+ 200`)
			}
		})
	}
}

// direct asks a service without a browser, by its address, as a probe does.
func direct(t *testing.T, addr, method, path string, headers map[string]string, status int, body string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != status ||
		!strings.Contains(string(text), body) {
		t.Errorf("%s %s = %d %s, %v, want %d %s", method, path, answer.StatusCode, text, err, status, body)
	}
}

// mounted copies a service, adds sessions, writes what sessionseed says is to be
// written, and builds it. It returns the password of the account.
func mounted(t *testing.T, name, dir, api, page string) (password string) {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "existing", name))); err != nil {
		t.Fatal(err)
	}
	download := exec.Command("go", "mod", "download") // the modules are not those of the tests
	download.Dir, download.Env = dir, append(cleanEnv(), "GOWORK=off")
	if out, err := download.CombinedOutput(); err != nil {
		missing(t, "the modules of testdata/existing/%s cannot be downloaded: %v\n%s", name, err, out)
	}
	cmd := exec.Command(generatorBinary, "add", "--yes", "--json", "--captcha=false", "--public-url", api,
		"--cors-origin", page)
	cmd.Dir, cmd.Env = dir, append(cleanEnv(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-trimpath")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("sessionseed add for %s: %v\n%s%s", name, err, said.String(), out)
	}
	var result struct {
		Mount struct {
			File    string
			Imports []string
			Edits   []struct {
				Line, Remove int
				Text         string
			}
		}
		Result struct{ Verified bool }
	}
	if err := json.Unmarshal(out, &result); err != nil || result.Mount.File != "main.go" || !result.Result.Verified {
		t.Fatalf("sessionseed add for %s: %v, in %q, verified %t, want main.go and true\n%s", name, err,
			result.Mount.File, result.Result.Verified, out)
	}
	file := filepath.Join(dir, "main.go")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(src), "\n")
	var after []string // what uses the sessions comes below the lines that open them
	for _, l := range lines {
		if _, text, ok := strings.Cut(l, "//mounted: "); ok {
			after = append(after, text)
		}
	}
	count := 0
	for i, e := range slices.Backward(result.Mount.Edits) {
		added := []string{e.Text}
		count += strings.Count(e.Text, "\n")
		if i == 0 {
			added = append(added, after...)
		}
		lines = slices.Replace(lines, e.Line-1, e.Line-1+e.Remove, added...)
	}
	if count != 3 {
		t.Errorf("%s is mounted by %d lines, want 3", name, count)
	}
	text := strings.Join(lines, "")
	for _, path := range append(result.Mount.Imports, `"net/http"`) {
		if !strings.Contains(text, path+"\n") {
			text = strings.Replace(text, "import (\n", "import (\n\t"+path+"\n", 1)
		}
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := command(dir, "go", "build", "-o", "shop", "."); err != nil {
		t.Fatalf("build %s: %v\n%s\n%s", name, err, out, text)
	}
	password, err = nameAccount(dir)
	if err != nil {
		t.Fatal(err)
	}
	return password
}
