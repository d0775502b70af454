package mail

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// mailServer is a real SMTP server on loopback, with STARTTLS and AUTH, whose answers a test may change.
type mailServer struct {
	t         *testing.T
	addr      string
	certified *x509.CertPool
	config    *tls.Config
	implicit  bool // TLS from the first byte
	insecure  bool // no TLS at all

	mu      sync.Mutex
	running *smtp.Server
	listens net.Listener
	got     []letter
	logins  int
	rcpt    func(to string) error   // the answer to a recipient; nil: yes
	data    func(text string) error // the answer to a text; nil: yes
	hangUp  string                  // breaks the connection in place of an answer to a text that has it
}

// letter is a mail that the server has taken.
type letter struct {
	from, to string
	raw      string
	secure   bool
}

const (
	mailUser     = "service"
	mailPassword = "geheim/?%@:ü"
)

func newMailServer(t *testing.T) *mailServer {
	s := &mailServer{t: t}
	s.certify()
	return s
}

// certify makes a certificate for 127.0.0.1 that only the tests trust.
func (s *mailServer) certify() {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		s.t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		s.t.Fatal(err)
	}
	s.certified = x509.NewCertPool()
	s.certified.AddCert(parsed)
	s.config = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// start listens, on the same port as before if there was one.
func (s *mailServer) start() {
	s.t.Helper()
	address := s.addr
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.addr = l.Addr().String()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &mailSession{server: s, conn: c}, nil
	}))
	server.Domain, server.EnableSMTPUTF8 = "localhost", true
	server.AllowInsecureAuth = s.insecure
	server.ErrorLog = log.New(io.Discard, "", 0)
	if s.implicit {
		l = tls.NewListener(l, s.config)
	} else if !s.insecure {
		server.TLSConfig = s.config
	}
	s.mu.Lock()
	s.running, s.listens = server, l
	s.mu.Unlock()
	go func() { _ = server.Serve(l) }()
	s.t.Cleanup(func() { _ = server.Close() })
}

func (s *mailServer) stop() {
	_ = s.listens.Close() // the server may not have begun
	_ = s.running.Close()
}

func (s *mailServer) letters() []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]letter(nil), s.got...)
}

// answer changes what the server says from now on.
func (s *mailServer) answer(rcpt, data func(string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rcpt, s.data = rcpt, data
}

// mailSession is one conversation; its mails need a login.
type mailSession struct {
	server   *mailServer
	conn     *smtp.Conn
	loggedIn bool
	from, to string
}

func (m *mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (m *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != mailUser || password != mailPassword {
			return smtp.ErrAuthFailed
		}
		m.server.mu.Lock()
		m.server.logins++
		m.server.mu.Unlock()
		m.loggedIn = true
		return nil
	}), nil
}

func (m *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	if !m.loggedIn {
		return smtp.ErrAuthRequired
	}
	m.from = from
	return nil
}

func (m *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	m.server.mu.Lock()
	answer := m.server.rcpt
	m.server.mu.Unlock()
	if m.to = to; answer != nil {
		return answer(to)
	}
	return nil
}

func (m *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m.server.mu.Lock()
	answer, hangUp := m.server.data, m.server.hangUp
	m.server.mu.Unlock()
	if hangUp != "" && strings.Contains(string(raw), hangUp) {
		_ = m.conn.Conn().Close()
		return io.ErrClosedPipe
	}
	if answer != nil {
		if err := answer(string(raw)); err != nil {
			return err
		}
	}
	_, secure := m.conn.TLSConnectionState()
	m.server.mu.Lock()
	defer m.server.mu.Unlock()
	m.server.got = append(m.server.got, letter{m.from, m.to, string(raw), secure || m.server.implicit})
	return nil
}

func (m *mailSession) Reset()        { m.from, m.to = "", "" }
func (m *mailSession) Logout() error { return nil }

// read parses a letter as its reader's program would.
func (l letter) read(t *testing.T) *netmail.Message {
	t.Helper()
	message, err := netmail.ReadMessage(bytes.NewReader([]byte(l.raw)))
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// refusal is an SMTP reply.
func refusal(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
}
