package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// An error is answered whole, whatever the handler had said about the answer that it meant to give.
func TestErrorAfterHeaders(t *testing.T) {
	s := start(t, nil)
	mux := http.NewServeMux()
	mux.Handle("GET /file", s.app.answer(func(w http.ResponseWriter, _ *http.Request) error {
		h := w.Header()
		h.Set("Content-Length", "5")
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Disposition", "attachment")
		h.Set("ETag", `"1"`)
		h.Set("X-Own", "stays")
		return errors.New("the disk is gone")
	}))
	server := httptest.NewServer(s.app.sessions.Middleware(mux))
	defer server.Close()
	answer, err := http.Get(server.URL + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	var e envelope
	if jsonErr := json.Unmarshal(body, &e); err != nil || jsonErr != nil || answer.StatusCode != 500 {
		t.Errorf("%d %q, %v, %v, want the whole envelope of a 500", answer.StatusCode, body, err, jsonErr)
	}
	for name, want := range map[string]string{"Content-Encoding": "", "Content-Disposition": "", "ETag": "", "X-Own": "stays"} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
