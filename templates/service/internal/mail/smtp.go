package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// sendTimeout is what the server gets to greet and to take a login, and again for each mail. Less than a claim.
const sendTimeout = 30 * time.Second

// Config says how mails are sent.
type Config struct {
	// URL of the mail server: smtps://user:password@host:465 with TLS from the first byte, or
	// smtp://user:password@host:587 with STARTTLS, without which a server elsewhere is refused; on this machine it may
	// be missing, and "?tls=off" does without it in a network that you trust. Special characters of the password are
	// percent-encoded. Empty: the mails are kept, which Dev has to allow. Environment: SMTP_URL.
	URL string
	// From is the sender, such as "Shop <noreply@shop.example>". Required with URL. Environment: MAIL_FROM.
	From string
	// Dev allows running without a mail server.
	Dev bool
	// Mailbox is where a developer finds the mails that are kept, for the log.
	Mailbox string
	// Log defaults to slog.Default().
	Log *slog.Logger
}

// server is where mails go.
type server struct {
	host     string
	from     *netmail.Address
	options  []gomail.Option
	implicit *tls.Config // nil: plain at first
}

// newServer checks the settings; nil without a server.
func newServer(c Config) (*server, error) {
	s := &server{}
	var problems []error
	from, err := netmail.ParseAddress(c.From)
	if err != nil && (c.From != "" || c.URL != "") {
		problems = append(problems, errors.New(
			`MAIL_FROM is missing or is not a sender: write an address, such as "Shop <noreply@shop.example>"`))
	}
	s.from = from
	if c.URL != "" {
		if err := s.parse(c.URL); err != nil {
			problems = append(problems, err)
		}
	} else if !c.Dev {
		problems = append(problems, errors.New("SMTP_URL is not set, so no mail can be sent: "+
			"name a mail server, such as smtps://user:password@mail.example.com:465"))
	}
	if err := errors.Join(problems...); err != nil || c.URL == "" {
		return nil, err
	}
	return s, nil
}

// parse never quotes the URL, which may hold a password.
func (s *server) parse(raw string) error {
	const form = "the form is smtps://user:password@host:465, or smtp:// with port 587 for STARTTLS, " +
		"where you percent-encode special characters in the password (/ is %2F, ? is %3F, % is %25, @ is %40)"
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return errors.New("SMTP_URL cannot be read: " + form)
	}
	s.host = u.Hostname()
	config := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	port, policy := 587, gomail.TLSMandatory
	plain := u.Query().Get("tls") == "off"
	ip := net.ParseIP(s.host)
	here := s.host == "localhost" || ip != nil && ip.IsLoopback()
	switch {
	case u.RawQuery != "" && (!plain || u.RawQuery != "tls=off" || u.Scheme != "smtp"):
		return errors.New("SMTP_URL has unknown parameters: the only one is tls=off, with smtp://")
	case u.Scheme == "smtps":
		port, policy, s.implicit = 465, gomail.NoTLS, config
	case u.Scheme != "smtp":
		return errors.New("SMTP_URL does not begin with smtps:// or smtp://: " + form)
	case plain && u.User != nil && !here:
		return errors.New("SMTP_URL would send its password in the clear: leave out tls=off, or the password")
	case plain:
		policy = gomail.NoTLS
	case here:
		policy = gomail.TLSOpportunistic
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil || port < 1 || port > 65535 {
			return errors.New("SMTP_URL has an invalid port: write a number up to 65535")
		}
	}
	s.options = []gomail.Option{gomail.WithPort(port), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(config),
		gomail.WithTimeout(sendTimeout), gomail.WithoutNoop()}
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options, gomail.WithUsername(u.User.Username()), gomail.WithPassword(password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return nil
}

// connection is a conversation with the server, logged in.
type connection struct {
	server *server
	client *gomail.Client
	net    net.Conn
	ended  func() bool // lets the connection outlive the context of dial
	fault  bool        // nothing more can be said
}

// dial connects. Its error may be logged: it has what the server says to a login, and no password.
func (s *server) dial(ctx context.Context) (*connection, error) {
	c := &connection{server: s}
	connect := func(dialing context.Context, network, address string) (conn net.Conn, err error) {
		if s.implicit != nil {
			conn, err = (&tls.Dialer{Config: s.implicit}).DialContext(dialing, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(dialing, network, address)
		}
		if err == nil {
			c.net, c.ended = conn, context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
	client, err := gomail.NewClient(s.host, append(s.options, gomail.WithDialContextFunc(connect))...)
	if err == nil {
		c.client, err = client, client.DialWithContext(ctx)
	}
	if err != nil {
		c.fault = true
		c.close()
		return nil, fmt.Errorf("reach the mail server: %w", err)
	}
	c.ended() // from here on, a mail gets its farewell
	return c, nil
}

func (c *connection) broken() bool { return c != nil && c.fault }

func (c *connection) close() {
	if c == nil || c.net == nil {
		return
	}
	if !c.fault {
		_ = c.net.SetDeadline(time.Now().Add(farewell))
		_ = c.client.Close() // says goodbye
	}
	_ = c.net.Close()
}

// send returns nil once the server has taken the mail. It ends some seconds after ctx.
func (c *connection) send(ctx context.Context, m queued) error {
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(farewell, func() { _ = c.net.Close() }) })
	defer stop()
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	message.FromMailAddress(c.server.from)
	if err := message.To(m.To); err != nil {
		return err
	}
	message.Subject(m.Subject)
	message.SetDateWithValue(time.UnixMilli(m.created))
	_, domain, _ := strings.Cut(c.server.from.Address, "@")
	message.SetMessageIDWithValue(m.id + "@" + domain)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // no out-of-office answers (RFC 3834)
	message.SetBodyString(gomail.TypeTextPlain, m.Text)
	err := c.client.Send(message)
	if message.IsDelivered() { // whatever came afterwards
		c.fault = err != nil
		return nil
	}
	c.fault = code(err) == 0
	return err
}

// code is the server's reply to a mail, such as 550, or 0 without one.
func code(err error) int {
	var refused *gomail.SendError
	if errors.As(err, &refused) {
		return refused.ErrorCode()
	}
	return 0
}

// isFinal reports whether the server refuses the recipient or the text for good. What it says against the sender is
// about the settings, which can be put right meanwhile.
func isFinal(err error) bool {
	var refused *gomail.SendError
	return errors.As(err, &refused) && refused.ErrorCode() >= 500 && refused.Reason != gomail.ErrSMTPMailFrom
}

// safe is an error for the log. Servers quote what they refuse, and a text holds a token, so of their answer to a text
// only the code is left, or 0 if they gave none.
func safe(err error) string {
	var refused *gomail.SendError
	if errors.As(err, &refused) && refused.Reason != gomail.ErrSMTPMailFrom && refused.Reason != gomail.ErrSMTPRcptTo {
		return fmt.Sprintf("%s: %d", refused.Reason, refused.ErrorCode())
	}
	return err.Error()
}
