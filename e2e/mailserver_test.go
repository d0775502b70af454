package e2e

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// mailServer is an SMTP server on loopback that takes mails only after STARTTLS and a login. It answers 421 (RFC 5321
// section 3.8) until it is up.
type mailServer struct {
	t      *testing.T
	addr   string
	config *tls.Config
	up     atomic.Bool

	mu      sync.Mutex
	letters []letter
}

type letter struct{ to, subject, text string }

// newMailServer listens at once, since nobody else can take its port then.
func newMailServer(t *testing.T, h *hosts) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{t: t, addr: l.Addr().String(), config: &tls.Config{Certificates: []tls.Certificate{h.cert}}}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		if !s.up.Load() {
			return nil, &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "try again later"}
		}
		return &mailSession{server: s, conn: c}, nil
	}))
	server.TLSConfig, server.Domain, server.ErrorLog = s.config, "localhost", discardLog
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return s
}

// settings have a service send to s, whose certificate it would not trust by itself.
func (s *mailServer) settings() []string {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "mail.pem")
	writeFile(s.t, file, string(pem.EncodeToMemory(
		&pem.Block{Type: "CERTIFICATE", Bytes: s.config.Certificates[0].Certificate[0]})))
	_, port, _ := net.SplitHostPort(s.addr)
	return []string{"SSL_CERT_FILE=" + file, "SMTP_URL=smtp://shop:p%40ss%2Fword@localhost:" + port,
		"MAIL_FROM=Shop <noreply@shop.test>"}
}

// find waits for a mail with a link of that kind.
func (s *mailServer) find(to, kind string) (link string) {
	s.t.Helper()
	waitFor(s.t, "a mail to "+to+" with a link to "+kind, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, l := range s.letters {
			if found := linkPattern.FindStringSubmatch(l.text); l.to == to && found != nil && found[1] == kind {
				link = found[0]
			}
		}
		return link != ""
	})
	return link
}

// mailSession is one conversation.
type mailSession struct {
	server   *mailServer
	conn     *smtp.Conn
	loggedIn bool
	to       string
}

func (m *mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (m *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if _, secure := m.conn.TLSConnectionState(); !secure || username != "shop" || password != "p@ss/word" {
			return smtp.ErrAuthFailed
		}
		m.loggedIn = true
		return nil
	}), nil
}

func (m *mailSession) Mail(string, *smtp.MailOptions) error {
	if !m.loggedIn {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (m *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error { m.to = to; return nil }

func (m *mailSession) Data(r io.Reader) error {
	message, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	body := message.Body
	if message.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	m.server.mu.Lock()
	defer m.server.mu.Unlock()
	m.server.letters = append(m.server.letters,
		letter{m.to, message.Header.Get("Subject"), strings.ReplaceAll(string(text), "\r\n", "\n")})
	return nil
}

func (m *mailSession) Reset()        {}
func (m *mailSession) Logout() error { return nil }
