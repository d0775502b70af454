package main

import (
	"net/http/httptest"
	"testing"
)

// TestSubjects: what is measured is the same service of all libraries. Each lets
// the actual request and the honest preflight through, and no stranger.
func TestSubjects(t *testing.T) {
	all, err := subjects()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		rec := httptest.NewRecorder()
		s.handler.ServeHTTP(rec, s.kind.request)
		want := ""
		if s.kind.name == "actual request" || s.kind.name == "preflight" {
			want = origin
		}
		got := rec.Header().Get("Access-Control-Allow-Origin")
		if s.kind.request.Header.Get("Origin") != origin && got != "" || want != "" && got != want {
			t.Errorf("%s: Access-Control-Allow-Origin = %q, want %q", s.name(), got, want)
		}
	}
}
