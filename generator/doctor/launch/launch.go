// Package launch builds the service of a project and runs it for a while, so that the doctor can probe it.
//
//	s, err := launch.Start(ctx, launch.Options{Dir: "shop", PublicURL: origin, Environ: os.Environ()})
//	if err != nil {
//		return err // it does not compile, or does not start
//	}
//	defer s.Stop()
//	report, err := doctor.Run(ctx, doctor.Options{URL: origin.String(), Origin: page,
//		DialContext: s.DialContext, RootCAs: s.RootCAs})
//
// The service runs in a temporary directory with a temporary environment. With a store on a server, the sessions of the
// probe are on the server that StoreURL names. It listens on a free port of 127.0.0.1. If its public URL is https, a
// TLS proxy of this process is in front, as in production, with a certificate that RootCAs holds.
package launch

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// Options say what to run. Dir and PublicURL are required.
type Options struct {
	Dir       string        // of the project
	PublicURL policy.Origin // where browsers reach it
	StoreURL  string        // where its sessions are; empty: what the project has by default
	Account   bool          // make an account with a random password, see [Service.Password]
	Table     bool          // its accounts are in a database
	Environ   []string      // of the go command; the service gets what an operating system needs, and PG*

	// Patience is how long the service may take until it listens, default 15 s.
	Patience time.Duration
}

// Service is a running service. Stop ends it.
type Service struct {
	// DialContext connects PublicURL's host and port to the service and refuses all others: nothing leaves this
	// machine.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// RootCAs holds the certificate of the TLS proxy; nil if PublicURL is plain http.
	RootCAs *x509.CertPool
	// Password is that of the account named Username; empty without one.
	Password string

	dir    string // temporary
	proxy  *proxy // nil if PublicURL is plain http
	cancel context.CancelFunc
	exited chan struct{} // closed when the process has ended
	output *tail
}

// Username is the name of the temporary account.
const Username = "doctor@localhost"

// Start builds and starts the service, and returns when it accepts connections. It also ends with ctx.
// The error is one of the environment, or says with the program's own words why it does not compile or start.
func Start(ctx context.Context, o Options) (*Service, error) {
	dir, err := os.MkdirTemp("", "sessionseed-doctor-")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &Service{dir: dir, cancel: cancel, exited: make(chan struct{}), output: &tail{limit: 8 << 10}}
	if err := s.start(ctx, o); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// Stop ends the service and removes what it wrote. A second call does nothing.
func (s *Service) Stop() {
	s.cancel()
	<-s.exited
	if s.proxy != nil {
		s.proxy.close()
	}
	os.RemoveAll(s.dir)
}

// Output is the end of what the service wrote to its log, at most 8 KiB.
func (s *Service) Output() string { return s.output.String() }

func (s *Service) start(ctx context.Context, o Options) error {
	started := false
	defer func() {
		if !started {
			close(s.exited)
		}
	}()
	binary := filepath.Join(s.dir, "service")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if err := build(ctx, o, binary); err != nil {
		return err
	}
	addr, err := freeAddr(ctx)
	if err != nil {
		return err
	}
	env := append(systemVariables(o.Environ), "ADDR="+addr, "STORE_URL="+o.StoreURL, "SESSION_KEYS="+randomKey())
	if o.Table { // a mail server that nobody needs, for a start outside of development
		env = append(env, "SMTP_URL=smtp://localhost:9", "MAIL_FROM="+Username)
	}
	if o.Account {
		line, err := s.makeAccount(ctx, binary, o.Table, env)
		if err != nil {
			return err
		}
		if line != "" {
			env = append(env, "ACCOUNT_USERNAME="+Username, line)
		}
	}
	to := addr
	if o.PublicURL.HTTPS() {
		if s.proxy, err = newProxy(o.PublicURL.Hostname(), addr); err != nil {
			return err
		}
		s.RootCAs, to = s.proxy.roots, s.proxy.addr
		env = append(env, "TRUST_PROXY=true")
	}
	s.DialContext = dialOnly(o.PublicURL.Address(), to)

	cmd := s.command(ctx, binary, env)
	cmd.Stdout, cmd.Stderr = s.output, s.output
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("the service does not start: %w", err)
	}
	started = true
	go func() {
		cmd.Wait()
		close(s.exited)
	}()
	return s.listens(ctx, addr, o.Patience)
}

// command is one run of the built program: interrupted when ctx ends, killed if that does not help.
func (s *Service) command(ctx context.Context, binary string, env []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary)
	cmd.Dir, cmd.Env = s.dir, env
	cmd.WaitDelay = 5 * time.Second
	if runtime.GOOS != "windows" { // it knows no interrupt
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	}
	return cmd
}

// listens waits until the service accepts a connection.
func (s *Service) listens(ctx context.Context, addr string, patience time.Duration) error {
	if patience <= 0 {
		patience = 15 * time.Second
	}
	end := time.After(patience)
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.exited:
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("the service ended at once:\n%s", s.output)
		case <-end:
			return fmt.Errorf("the service does not listen on ADDR=%s after %s:\n%s", addr, patience, s.output)
		case <-time.After(wait):
		}
	}
}

func build(ctx context.Context, o Options, binary string) error {
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return errors.New("there is no go command here to build the service with; install Go, or start the service " +
			"and give its URL")
	}
	cmd := exec.CommandContext(ctx, goCommand, "build", "-o", binary, ".")
	cmd.Dir, cmd.Env = o.Dir, o.Environ
	out := &tail{limit: 8 << 10}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("the project does not compile:\n%s", out)
	}
	return nil
}

// makeAccount lets the program make an account with a random password in its table, or hash that, and returns the line
// for its environment.
func (s *Service) makeAccount(ctx context.Context, binary string, table bool, env []string) (string, error) {
	s.Password = rand.Text()
	cmd := s.command(ctx, binary, env)
	cmd.Args = append(cmd.Args, "hash-password")
	if table {
		cmd.Args = append(cmd.Args[:1], "create-user", Username)
	}
	cmd.Stdin = strings.NewReader(s.Password + "\n")
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("the service cannot make an account: %w\n%s", err, problem.String())
	}
	if table {
		return "", nil
	}
	name, quoted, _ := strings.Cut(strings.TrimSpace(out.String()), "=")
	return name + "=" + strings.Trim(quoted, "'"), nil
}

// systemVariables leaves out all that could be a setting of the service.
func systemVariables(environ []string) []string {
	names := map[string]bool{"PATH": true, "HOME": true, "TMPDIR": true, "TZ": true, "SSL_CERT_FILE": true,
		"SSL_CERT_DIR": true,
		"SYSTEMROOT":   true, "TEMP": true, "TMP": true, "USERPROFILE": true}
	var env []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		// libpq's variables complete a postgres STORE_URL.
		if names[strings.ToUpper(name)] || strings.HasPrefix(name, "PG") {
			env = append(env, pair)
		}
	}
	return env
}

func randomKey() string {
	key := make([]byte, 32)
	rand.Read(key) // never fails (Go 1.24)
	return base64.StdEncoding.EncodeToString(key)
}

// freeAddr finds a port that was free a moment ago.
func freeAddr(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("no free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}
