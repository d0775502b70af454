package launch

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// program is a service that says what it got.
const program = `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	fmt.Println(http.ListenAndServe(os.Getenv("ADDR"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		trust, public := os.Getenv("TRUST_PROXY"), os.Getenv("PUBLIC_URL")
		fmt.Fprintf(w, "%s %s trust=%s public=%s", r.Host, r.Header.Get("X-Forwarded-Proto"), trust, public)
	})))
}
`

func project(t *testing.T, main string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/shop\n\ngo 1.26\n", "main.go": main} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func origin(t *testing.T, raw string) policy.Origin {
	t.Helper()
	o, _, err := policy.ParseOrigin(raw)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestServiceEndsWithItsContext(t *testing.T) {
	dir := project(t, program)
	environ := append(os.Environ(), "PUBLIC_URL=http://elsewhere.test") // a setting of the caller's shell
	for public, want := range map[string]string{
		"http://localhost:8080":    "localhost:8080  trust= public=",
		"https://api.example.test": "api.example.test https trust=true public=",
	} {
		t.Run(public, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			s, err := Start(ctx, Options{Dir: dir, PublicURL: origin(t, public), Environ: environ})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Stop()
			transport := &http.Transport{DialContext: s.DialContext, TLSClientConfig: &tls.Config{RootCAs: s.RootCAs},
				DisableKeepAlives: true}
			resp, err := (&http.Client{Transport: transport}).Get(public)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || string(got) != want {
				t.Errorf("the service saw %q, %v; want %q", got, err, want)
			}
			if conn, err := s.DialContext(ctx, "tcp", "other.test:443"); err == nil {
				conn.Close()
				t.Error("another address was dialled")
			}

			interrupt()
			select {
			case <-s.exited:
			case <-time.After(10 * time.Second):
				t.Fatal("the service still runs 10 s after its context ended")
			}
			s.Stop()
			s.Stop()
			if _, err := s.DialContext(context.Background(), "tcp", map[bool]string{true: "localhost:8080",
				false: "api.example.test:443"}[s.RootCAs == nil]); err == nil {
				t.Error("something still listens")
			}
			if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the temporary directory: %v, want %v", err, os.ErrNotExist)
			}
		})
	}
}

func TestStartGivesUp(t *testing.T) {
	dir := project(t, "package main\n\nimport \"time\"\n\nfunc main() { println(\"waiting\"); "+
		"time.Sleep(time.Minute) }\n")
	_, err := Start(t.Context(), Options{Dir: dir, PublicURL: origin(t, "http://localhost:8080"), Environ: os.Environ(),
		Patience: 300 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "does not listen") || !strings.Contains(err.Error(), "waiting") {
		t.Errorf(`a service that does not listen: %v, want "does not listen" and "waiting" in it`, err)
	}
}
