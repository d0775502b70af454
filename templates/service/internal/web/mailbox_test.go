package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/mail"
)

// TestMailboxIsForDevelopment: whoever reads the mails can take over any account.
func TestMailboxIsForDevelopment(t *testing.T) {
	t.Parallel()
	here := mail.Config{Dev: true}
	server := mail.Config{Dev: true, URL: "smtp://localhost", From: "noreply@example.com"}
	cases := []struct {
		name   string
		public string
		dev    bool
		mails  mail.Config
		want   bool
	}{
		{"development", "http://localhost:8080", true, here, true},
		{"by its address", "http://127.0.0.1:8080", true, here, true},
		{"by a name of this machine", "http://shop.localhost:8080", true, here, true},
		{"production", "http://localhost:8080", false, here, false},
		{"DEV on a public host", "https://api.example.com", true, here, false},
		{"DEV on a host with a telling name", "https://localhost.example.com", true, here, false},
		{"DEV in a private network", "http://192.168.0.2", true, here, false},
		{"a mail server", "http://localhost:8080", true, server, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outbox, err := mail.Open(nil, c.mails)
			if err != nil {
				t.Fatal(err)
			}
			a := &app{cfg: testConfig()}
			a.cfg.PublicURL, a.cfg.Dev = c.public, c.dev
			mux := http.NewServeMux()
			a.mailboxRoutes(mux, outbox)
			if _, pattern := mux.Handler(httptest.NewRequest("GET", "/mailbox", nil)); (pattern != "") != c.want {
				t.Errorf("the route is there: %v, want %v", pattern != "", c.want)
			}
		})
	}
}
