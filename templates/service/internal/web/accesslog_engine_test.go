package web

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAccessLog(t *testing.T) {
	s := start(t, nil)
	b := s.browser(frontEnd)
	b.login()
	b.do("GET", "/me?token=in-the-query", nil, "Authorization", "Bearer in-a-header")
	log := s.log.String()
	for _, secret := range []string{"in-the-query", "in-a-header", password, strings.Split(b.cookie().Value, ".")[0]} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	var line struct {
		Msg, Method, Path, Client, Scheme, Origin string
		Status, Bytes                             int
		Time                                      time.Time
		Took                                      *int `json:"took_us"`
	}
	for text := range strings.Lines(log) {
		if strings.Contains(text, `"path":"/me"`) && strings.Contains(text, `"msg":"request"`) {
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatal(err)
			}
		}
	}
	if line.Took == nil || *line.Took < 0 || line.Time.IsZero() {
		t.Errorf("line of GET /me without a time, or without took_us of at least 0:\n%s", log)
	}
	if line.Method != "GET" || line.Status != 200 || line.Bytes == 0 || line.Client != "127.0.0.1" ||
		line.Scheme != "http" || line.Origin != frontEnd {
		t.Errorf("line of GET /me: %+v", line)
	}
}

// TestRecorder: the wrapper takes nothing away from a handler.
func TestRecorder(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		status  int
		bytes   int64
	}{
		{"nothing written", func(http.ResponseWriter, *http.Request) {}, 0, 0},
		{"write alone", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "four") }, 200, 4},
		{"status first", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); io.WriteString(w, "four") },
			404, 4},
		{"early hints", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(201) }, 201,
			0},
		{"copied", func(w http.ResponseWriter, _ *http.Request) { io.Copy(w, bytes.NewReader(make([]byte, 5000))) },
			200, 5000},
		{"flushed", func(w http.ResponseWriter, _ *http.Request) { http.NewResponseController(w).Flush() }, 200, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var seen *recorder
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen = &recorder{ResponseWriter: w}
				test.handler(seen, r)
			}))
			defer server.Close()
			response, err := http.Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
			server.Close() // waits for the handler
			if seen.status != test.status || seen.bytes != test.bytes {
				t.Errorf("recorder: status %d, %d bytes; want %d, %d", seen.status, seen.bytes, test.status, test.bytes)
			}
		})
	}
}
