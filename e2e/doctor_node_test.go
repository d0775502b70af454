package e2e

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/doctor"
	"github.com/sessionseed/sessionseed/generator/doctor/zoo"
)

// Services that are not ours: the doctor agrees with the browser on them too,
// is silent about a healthy one, and names the one fault of the others.
func TestDoctorAgreesOnKoaAndExpress(t *testing.T) {
	t.Parallel()
	const local, remote = "http://localhost", "https://*.shop.test"
	for _, tt := range []struct {
		fault, at string
		codes     []string
	}{
		{"", local, nil},
		{"", remote, nil},
		{"no credentials", local, []string{"acac"}},
		{"default cors", local, []string{"acao-star"}},
		{"any origin", local, []string{"reflects-any-origin"}},
		{"default cookie", local, []string{"samesite-unset"}},
		{"none without secure", remote, []string{"none-without-secure"}},
		{"proxy not trusted", remote, []string{"no-set-cookie"}},
	} {
		for _, program := range []string{"koa", "express"} {
			name := program + ": " + tt.fault
			if tt.fault == "" {
				name = program + ": healthy"
			}
			t.Run(name+" at "+strings.TrimPrefix(tt.at, "https://*."), func(t *testing.T) {
				t.Parallel()
				page, api := "http://localhost:5173", "http://localhost:8080"
				if tt.at == remote {
					page, api = "https://app.shop.test", "https://api.shop.test"
				}
				h := newHosts(t)
				h.forward(api, startNode(t, program, page, tt.fault))
				h.serve(page, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
					io.WriteString(w, zoo.Page(api))
				}))
				judged := title(open(t, h, blocked).visit(page + "/"))

				roots := x509.NewCertPool()
				roots.AddCert(h.cert.Leaf)
				report, err := doctor.Run(t.Context(), doctor.Options{URL: api, Origin: page, DialContext: h.dial, RootCAs: roots, Timeout: 5 * time.Second})
				if err != nil {
					t.Fatal(err)
				}
				agree(t, report, judged)
				if got := report.Codes(); !slices.Equal(got, tt.codes) {
					var text strings.Builder
					report.Text(&text, doctor.TextOptions{Steps: true})
					t.Errorf("findings %q, want %q; the page %s\n%s", got, tt.codes, judged, text.String())
				}
			})
		}
	}
}

// dial connects as the browser does under the rules.
func (h *hosts) dial(ctx context.Context, network, address string) (net.Conn, error) {
	to, known := h.find(address)
	if !known {
		return nil, errors.New("connection refused")
	}
	var d net.Dialer
	return d.DialContext(ctx, network, to)
}

// nodeServices is the directory of the services with their packages.
var nodeServices = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(runDir, "node")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "node"))); err != nil {
		return "", err
	}
	if err := os.RemoveAll(filepath.Join(dir, "node_modules")); err != nil {
		return "", err
	}
	if out, err := command(dir, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"); err != nil {
		return "", fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return dir, nil
})

// startNode starts a service of testdata/node and returns its address.
func startNode(t *testing.T, program, page, fault string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "Node is not installed; on Debian: apt-get install nodejs npm")
	}
	dir, err := nodeServices()
	if err != nil {
		missing(t, "the packages of the services cannot be installed: %v", err)
	}
	cmd := exec.Command(node, program+".mjs")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PAGE="+page, "FAULT="+fault, "NODE_ENV=production", "NODE_NO_WARNINGS=1")
	var problems strings.Builder
	cmd.Stderr = &problems
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		t.Fatalf("%s does not start: %v\n%s", program, err, problems.String())
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return net.JoinHostPort("127.0.0.1", strings.TrimSpace(port))
}
