package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// The task of the proof of work is ALTCHA's, version 1 of its format: the
// widgets of ALTCHA solve it in a page of another origin, and the login takes
// their solution, once. Version 2 of the widget speaks nothing else, version 3
// takes it beside its own newer format.
func TestAltchaWidget(t *testing.T) {
	t.Parallel()
	for _, widget := range []struct{ name, script, attribute string }{
		{"2.3.0", "altcha-v2/dist/altcha.js", "challengeurl"},
		{"3.2.2", "altcha-v3/dist/main/altcha.js", "challenge"},
	} {
		t.Run(widget.name, func(t *testing.T) {
			t.Parallel()
			dir, err := nodeServices()
			if err != nil {
				missing(t, "the packages of the widgets cannot be installed: %v", err)
			}
			script, err := os.ReadFile(filepath.Join(dir, "node_modules", filepath.FromSlash(widget.script)))
			if err != nil {
				t.Fatal(err)
			}
			p := generated(t, work)
			s := serve(t, p)
			h := newHosts(t)
			h.forward(p.publicURL, s.addr)
			page := http.NewServeMux()
			page.HandleFunc("GET /altcha.js", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/javascript")
				w.Write(script)
			})
			page.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				fmt.Fprintf(w, `<!doctype html><form>`+
					`<altcha-widget auto="onload" %s="%s/code/work"></altcha-widget></form>
<script type="module" src="/altcha.js"></script>`, widget.attribute, p.publicURL)
			})
			page.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "") })
			h.serve(p.origins[0], page)

			tab := open(t, h, allowed).visit(p.origins[0] + "/")
			tab.until(`document.querySelector("input[name=altcha]")?.value.length > 100`)
			logIn := fmt.Sprintf(`fetch("%s/login", {
	method: "POST", credentials: "include", headers: {"Content-Type": "application/json"},
	body: JSON.stringify({username: "%s", password: %s, altcha: document.querySelector("input[name=altcha]").value}),
}).then((r) => r.status)`, p.publicURL, username, quoteJS(p.password))
			if got := eval[int](tab, logIn); got != http.StatusOK {
				t.Errorf("login with the widget's solution = %d, want 200", got)
			}
			if got := eval[int](tab, logIn); got != http.StatusGone {
				t.Errorf("login with the same solution again = %d, want 410", got)
			}
		})
	}
}
