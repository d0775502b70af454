package session_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

// The files of an uploaded form are gone when the request is over, as they are without the middleware.
func TestUploadLeavesNoFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir) // Windows
	a := newApp[data](t, nil)
	during := 0
	for name, end := range map[string]func(){"returns": func() {}, "panics": func() { panic(http.ErrAbortHandler) }} {
		server := httptest.NewServer(a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseMultipartForm(1); err != nil {
				t.Error(err)
			}
			files, _ := os.ReadDir(dir)
			during = len(files)
			end()
		})))
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, _ := form.CreateFormFile("file", "large.bin")
		part.Write(make([]byte, 1<<20))
		form.Close()
		if answer, err := http.Post(server.URL, form.FormDataContentType(), &body); err == nil {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		server.Close()
		if files, _ := os.ReadDir(dir); during == 0 || len(files) != 0 {
			t.Errorf("the handler %s: %d files while it ran, %d afterwards", name, during, len(files))
		}
	}
}
