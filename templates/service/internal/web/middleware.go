package web

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/cors"
)

// maxBody is the largest request body, in bytes.
const maxBody = 64 << 10

// newCORS says what a page on a listed origin may do. Add the request headers of your front end here.
func (a *app) newCORS() (*cors.Middleware, error) {
	headers := []string{"Content-Type"}
	for _, p := range a.parts {
		headers = slices.Concat(headers, p.headers)
	}
	return cors.New(cors.Config{
		Origins:        a.cfg.CORSOrigins,
		Methods:        []string{"GET", "POST", "PUT", "PATCH", "DELETE"},
		Headers:        headers,
		ExposedHeaders: []string{"Retry-After"},
		MaxAge:         10 * time.Minute,
	})
}

// newCrossOrigin refuses requests that change something and come from a page on another origin than the listed
// ones. SameSite does not stop a page on a sibling subdomain; this does (ASVS 3.5.1).
func (a *app) newCrossOrigin() (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	var problems []error
	for _, origin := range append([]string{a.cfg.PublicURL}, a.cfg.CORSOrigins...) {
		problems = append(problems, p.AddTrustedOrigin(origin))
	}
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		message := "%s requests from the origin %q are refused; a front end belongs in CORS_ORIGINS"
		a.fail(w, r, &problem{status: http.StatusForbidden, name: "cross_origin",
			message: fmt.Sprintf(message, r.Method, r.Header.Get("Origin"))})
	}))
	return p, errors.Join(problems...)
}

// headers are those that every answer carries: the body is what its type says (ASVS 3.4.4), and only the front
// ends' own sites may embed it.
func (a *app) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cross-Origin-Resource-Policy", a.cfg.ResourcePolicy)
		next.ServeHTTP(w, r)
	})
}

// limitBody answers 413 to a larger body than maxBody, once a handler reads that far.
func limitBody(next http.Handler) http.Handler { return http.MaxBytesHandler(next, maxBody) }

// recovered answers 500 when a handler panics. CORS headers that were set by then stay, so a front end sees the 500
// and not a puzzling CORS error.
func (a *app) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &recorder{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause) // the agreed way to cut a connection
			}
			a.log.ErrorContext(r.Context(), "panic", "method", r.Method, "path", r.URL.Path,
				"cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			if seen.status != 0 {
				panic(http.ErrAbortHandler) // half an answer must not look complete
			}
			a.fail(w, r, errors.New("panic"))
		}()
		next.ServeHTTP(seen, r)
	})
}

// accessLog writes one line for each request. It names the path and not the query, and no header that may carry a
// token.
func (a *app) accessLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
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
			a.log.LogAttrs(r.Context(), level, "request",
				slog.String("method", r.Method),
				slog.String("path", r.URL.Path),
				slog.Int("status", status),
				slog.Int64("bytes", seen.bytes),
				slog.Int64("took_us", time.Since(start).Microseconds()),
				slog.String("client", clientAddr(r).String()),
				slog.String("scheme", scheme(r)),
				slog.String("origin", r.Header.Get("Origin")))
		}()
		next.ServeHTTP(seen, r)
		returned = true
	})
}

// recorder notes status and size of an answer. Unwrap lets http.ResponseController reach the connection.
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
