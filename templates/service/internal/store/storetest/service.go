package storetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// ServiceRestart stops and starts the store's server under an HTTP service with sessions, and wants what a visitor
// expects: routes that do not use the session answer as if nothing had happened, routes that do answer 503 quickly
// meanwhile, everything works again by itself, and every visitor still has the session that was last confirmed.
// A server that is frozen in between counts as one that is stopped: its answers stay out until it goes on.
// Two instances of the service, each with a store of its own on the same server, answer in turn.
func ServiceRestart(t *testing.T, first, second session.Store, stop, start func() error) {
	t.Helper()
	service := newService(t, first, second)
	ctx, end := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() { service.visit(ctx) })
		clients.Go(func() { service.lookAway(ctx) })
	}
	defer clients.Wait()
	defer end()

	service.waitFor(t, "visits before the stop", &service.visits, 100)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	service.waitFor(t, "503 answers while the server is away", &service.refused, 8)
	service.waitFor(t, "answers without a session while the server is away", &service.plain, 100)
	if err := start(); err != nil {
		t.Fatal(err)
	}
	service.waitFor(t, "visits after the start", &service.visits, 100)

	// One instance goes for good: nobody is logged out. Here its handlers outlive their connections, as they would not
	// in a process that ends, so a client whose request was cut off waits for them: otherwise its next visit, on the
	// other instance, would run at the same time, and of two changes of one field the later wins.
	service.only.Store(1)
	service.instances[0].CloseClientConnections()
	service.instances[0].Close()
	close(service.ended)
	service.waitFor(t, "visits on the other instance alone", &service.visits, 100)
	end()
	clients.Wait()

	service.mu.Lock()
	defer service.mu.Unlock()
	for _, fault := range service.faults {
		t.Error(fault)
	}
	if slowest := time.Duration(service.slowest.Load()); slowest > Quick {
		t.Errorf("the slowest answer took %v, want at most %v", slowest, Quick)
	}
	t.Logf("%d visits, %d answers 503, %d answers without a session, slowest %v",
		service.visits.Load(), service.refused.Load(), service.plain.Load(), time.Duration(service.slowest.Load()))
}

// service is two instances with one key, and what their clients saw.
type service struct {
	instances [2]*httptest.Server
	only      atomic.Int64  // 1: the first instance goes, or is gone
	ended     chan struct{} // closed when no handler of the first instance runs any more

	visits, refused, plain, slowest atomic.Int64

	mu     sync.Mutex
	faults []string
}

// visitor is the session: how often somebody came.
type visitor struct {
	Name   string `json:"who,omitempty"` // of the browser: another is a mixed-up session, too few Visits a lost change
	Visits int    `json:"n,omitempty"`
}

func newService(t *testing.T, stores ...session.Store) *service {
	t.Helper()
	s := &service{ended: make(chan struct{})}
	for i, store := range stores {
		config := session.Defaults()
		config.Store = store
		config.Keys = [][]byte{bytes.Repeat([]byte("k"), 32)}
		sessions, err := session.New[visitor](config)
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		mux.HandleFunc("GET /plain", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "plain") })
		mux.HandleFunc("POST /visit", func(w http.ResponseWriter, r *http.Request) {
			v := &sessions.Get(r).V
			if v.Name == "" {
				v.Name = r.Header.Get("X-Browser")
			}
			if v.Name != r.Header.Get("X-Browser") {
				fmt.Fprintf(w, "the session of %q in the hands of %q", v.Name, r.Header.Get("X-Browser"))
				return
			}
			v.Visits++
			fmt.Fprint(w, v.Visits)
		})
		s.instances[i] = httptest.NewServer(sessions.Middleware(mux))
		t.Cleanup(s.instances[i].Close)
	}
	return s
}

// ask sends a request to one instance after the other. ok is false if that was the one which has gone meanwhile.
func (s *service) ask(client *http.Client, i int, method, path string) (status int, body string, ok bool) {
	instance := max(i%2, int(s.only.Load()))
	begin := time.Now()
	request, err := http.NewRequest(method, s.instances[instance].URL+path, nil)
	if err != nil {
		s.fault("%s %s: %v", method, path, err)
		return 0, "", false
	}
	request.Header.Set("X-Browser", fmt.Sprintf("%p", client))
	answer, err := client.Do(request)
	if err != nil {
		if s.only.Load() == 0 {
			s.fault("%s %s: %v", method, path, err)
		} else {
			<-s.ended
		}
		return 0, "", false
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	raise(&s.slowest, int64(time.Since(begin)))
	return answer.StatusCode, strings.TrimSpace(string(text)), err == nil
}

// visit is one browser, which counts its visits. The instances differ in the port only, which cookies do not mind. It
// uses POST, which the transport does not send a second time by itself when a connection breaks.
func (s *service) visit(ctx context.Context) {
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	confirmed := 0
	for i := 0; ctx.Err() == nil; i++ {
		status, body, ok := s.ask(client, i, "POST", "/visit")
		switch n, err := strconv.Atoi(body); {
		case !ok:
		case status == http.StatusServiceUnavailable && err != nil:
			s.refused.Add(1)
			time.Sleep(5 * time.Millisecond)
		case status == http.StatusOK && err == nil && n > confirmed:
			// It may be more than one higher: a visit that was answered with 503 may have been stored.
			confirmed = n
			s.visits.Add(1)
		default:
			s.fault("visit %d answered %d %q after %d confirmed visits", i, status, body, confirmed)
			return
		}
	}
}

// lookAway is a client, with a session's cookie, of a route that does not look at it.
func (s *service) lookAway(ctx context.Context) {
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	s.ask(client, 0, "POST", "/visit")
	for i := 0; ctx.Err() == nil; i++ {
		status, body, ok := s.ask(client, i, "GET", "/plain")
		if ok && (status != http.StatusOK || body != "plain") {
			s.fault("a route without session answered %d %q", status, body)
			return
		}
		s.plain.Add(1)
		time.Sleep(time.Millisecond)
	}
}

func (s *service) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// waitFor waits until the counter has grown by n.
func (s *service) waitFor(t *testing.T, what string, counter *atomic.Int64, n int64) {
	t.Helper()
	if missing := waitUntil(counter, counter.Load()+n); missing > 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		t.Fatalf("%s: %d too few after 15 s; faults: %q", what, missing, s.faults)
	}
}
