package web

import (
	"io"
	"log/slog"
	"net/http"
)

// accessLog writes one line for each request. It names the path and not the
// query, and no header that may carry a token.
func (a *app) accessLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := a.now()
		seen := &recorder{ResponseWriter: w}
		returned := false
		defer func() {
			status := seen.status
			switch {
			case !returned: // a panic is under way
				status = http.StatusInternalServerError
			case status == 0:
				status = http.StatusOK
			}
			level := slog.LevelInfo
			if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
				level = slog.LevelDebug
			}
			handler := a.log.Handler()
			if !handler.Enabled(r.Context(), level) {
				return
			}
			end := a.now()
			line := slog.NewRecord(end, level, "request", 0) // without the place in the code, which is always this one
			line.AddAttrs(
				slog.String("method", r.Method),
				slog.String("path", r.URL.Path),
				slog.Int("status", status),
				slog.Int64("bytes", seen.bytes),
				slog.Int64("took_us", end.Sub(start).Microseconds()),
				slog.String("client", clientAddr(r).String()),
				slog.String("scheme", scheme(r)),
				slog.String("origin", r.Header.Get("Origin")),
			)
			_ = handler.Handle(r.Context(), line) // as slog does: a log that cannot be written stops no request
		}()
		next.ServeHTTP(seen, r)
		returned = true
	})
}

// recorder notes status and size of an answer. Unwrap lets
// http.ResponseController reach the connection.
type recorder struct {
	http.ResponseWriter
	status int // 0: nothing was sent
	bytes  int64
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	w.sent()
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// ReadFrom keeps sendfile: the server's own writer has it.
func (w *recorder) ReadFrom(src io.Reader) (int64, error) {
	w.sent()
	n, err := io.Copy(w.ResponseWriter, src)
	w.bytes += n
	return n, err
}

// FlushError sends the headers, so what was not set by then is 200.
func (w *recorder) FlushError() error {
	w.sent()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Flush serves callers that ask for an http.Flusher.
func (w *recorder) Flush() { _ = w.FlushError() }

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) sent() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
}
