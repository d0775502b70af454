package session_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

func Example() {
	type Session struct {
		Views int `json:"views"`
	}
	cfg := session.Defaults()
	cfg.Store = sessiontest.NewStore()                 // in a service: a store of internal/store
	cfg.Keys = [][]byte{bytes.Repeat([]byte("k"), 32)} // in a service: 32 random bytes from the environment
	sessions, err := session.New[Session](cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := sessions.Get(r)
		s.V.Views++
		fmt.Fprintf(w, "visit %d", s.V.Views)
	}))

	var cookie *http.Cookie
	for range 3 {
		r := httptest.NewRequest("GET", "/", nil)
		if cookie != nil {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		cookie = w.Result().Cookies()[0]
		fmt.Println(w.Body, "for", time.Duration(cookie.MaxAge)*time.Second)
	}
	// Output:
	// visit 1 for 24h0m0s
	// visit 2 for 24h0m0s
	// visit 3 for 24h0m0s
}

// Everything that cannot work is refused at once, when the program starts.
func ExampleNew_refused() {
	cfg := session.Defaults()
	cfg.Store = sessiontest.NewStore()
	cfg.Key = "koa:sess"
	cfg.SameSite = http.SameSiteNoneMode
	_, err := session.New[map[string]any](cfg)
	fmt.Println(err)
	// Output:
	// session: Keys is empty: give at least one key of 32 random bytes
	// session: Key "koa:sess" is not a valid cookie name (RFC 6265), and net/http drops it silently: use "koa.sess"
	// session: SameSite=None without Secure: browsers drop such a cookie: set Secure
}

// A change after the first byte cannot reach a browser that has no session yet. It is an error, and not silence.
func ExampleManager_Commit_late() {
	cfg := session.Defaults()
	cfg.Store = sessiontest.NewStore()
	cfg.Keys = [][]byte{bytes.Repeat([]byte("k"), 32)}
	sessions, err := session.New[map[string]any](cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "first byte")
		sessions.Get(r).V["user"] = "ann"
		fmt.Println(sessions.Commit(w, r))
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	// Output:
	// session: changed after the headers were sent: change it before the first write
}
