package e2e

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// process is a program that the test started.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	exited chan struct{} // closed when it has ended and all its lines were read
	err    error         // of its end; read it after exited

	mu    sync.Mutex
	lines []string
}

// start runs a program until the test ends.
func start(t *testing.T, cmd *exec.Cmd, env []string) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, exited: make(chan struct{})}
	p.cmd.Env = append(cleanEnv(), env...)
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.read(stderr)
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.cmd.Process.Signal(syscall.SIGTERM)
		<-p.exited
		if t.Failed() {
			t.Logf("%s wrote:\n%s", filepath.Base(cmd.Path), strings.Join(p.log(), "\n"))
		}
	})
	return p
}

func (p *process) read(r io.Reader) {
	for scan := bufio.NewScanner(r); scan.Scan(); {
		p.mu.Lock()
		p.lines = append(p.lines, scan.Text())
		p.mu.Unlock()
	}
}

func (p *process) log() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.lines...)
}

// line waits for a line of output that matches and returns its submatches.
func (p *process) line(pattern string) []string {
	p.t.Helper()
	expr := regexp.MustCompile(pattern)
	var match []string
	waitFor(p.t, "a line of output like "+pattern, func() bool {
		for _, l := range p.log() {
			if match = expr.FindStringSubmatch(l); match != nil {
				return true
			}
		}
		select {
		case <-p.exited:
			p.t.Fatalf("the program ended (%v) without a line like %s:\n%s", p.err, pattern,
				strings.Join(p.log(), "\n"))
		default:
		}
		return false
	})
	return match
}

// service is a running service of a project.
type service struct {
	*process
	project  *project
	addr     string // where it listens, on loopback
	storeDir string // the files of the observed store
}

// username of the one account.
const username = "张三"

// serve starts the project's service with the settings that it was generated
// with, on a free port. env adds or replaces settings.
func serve(t *testing.T, p *project, env ...string) *service {
	t.Helper()
	s := &service{project: p, storeDir: t.TempDir()}
	base := []string{"ADDR=127.0.0.1:0", "STORE_URL=" + s.storeDir}
	cmd := exec.Command(p.binary)
	cmd.Dir = p.dir // where its .env is
	s.process = start(t, cmd, append(base, env...))
	s.addr = s.line(`"msg":"listening","addr":"([^"]+)"`)[1]
	return s
}

// serveDemo starts the project's demo page for one front end and returns its
// address.
func serveDemo(t *testing.T, p *project, origin string) string {
	t.Helper()
	d := start(t, exec.Command(p.demo, "-listen", "127.0.0.1:0", "-origin", origin, "-api", p.publicURL), nil)
	return d.line(`listening on (127\.0\.0\.1:\d+)`)[1]
}

// record is the stored session of a cookie's value.
func (s *service) record(token string) (record []byte, found bool) {
	s.t.Helper()
	id, _, _ := strings.Cut(token, ".")
	id, _, _ = strings.Cut(id, "~") // what follows names the user
	sum := sha256.Sum256([]byte(id))
	data, err := os.ReadFile(filepath.Join(s.storeDir, base64.RawURLEncoding.EncodeToString(sum[:])))
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	return data, err == nil
}

// answer is the text of the picture that a visitor was shown last.
func (s *service) answer(token string) string {
	s.t.Helper()
	var session struct {
		Code struct {
			Answer string `json:"a"`
		} `json:"c"`
	}
	waitFor(s.t, "the session to hold a captcha's answer", func() bool {
		record, _ := s.record(token)
		_, payload := splitRecord(string(record))
		return json.Unmarshal([]byte(payload), &session) == nil && session.Code.Answer != ""
	})
	return session.Code.Answer
}

// splitRecord cuts a stored session into the manager's own bytes and the JSON
// that follows. A record without JSON is all head.
func splitRecord(record string) (head, payload string) {
	for i := range len(record) {
		if record[i] == '{' && json.Valid([]byte(record[i:])) {
			return record[:i], record[i:]
		}
	}
	return record, ""
}

// snapshot is everything that the store holds.
func (s *service) snapshot() map[string]string {
	s.t.Helper()
	entries, err := os.ReadDir(s.storeDir)
	if err != nil {
		s.t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		if data, err := os.ReadFile(filepath.Join(s.storeDir, e.Name())); err == nil {
			all[e.Name()] = string(data)
		}
	}
	return maps.Clone(all)
}

// requests are the access log's lines for a path.
func (s *service) requests(path string) []logLine {
	var found []logLine
	for _, text := range s.log() {
		var l logLine
		if json.Unmarshal([]byte(text), &l) == nil && l.Msg == "request" && l.Path == path {
			found = append(found, l)
		}
	}
	return found
}

// logLine is a line of the service's log, as far as tests look at it.
type logLine struct {
	Msg, Method, Path, Client, Scheme, Origin string
	Status                                    int
}
