package web

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/cors"
)

// maxBody is the largest request body, in bytes.
const maxBody = 64 << 10

// newCORS says what a page on a listed origin may do. Add the request headers of your front end here.
func (a *app) newCORS() (*cors.Middleware, error) {
	headers := []string{"Content-Type"}
	headers = append(headers, a.cfg.CORSHeaders...)
	for _, p := range a.parts {
		headers = append(headers, p.headers...)
	}
	return cors.New(cors.Config{
		Origins:        a.cfg.CORSOrigins,
		Methods:        []string{"GET", "POST", "PUT", "PATCH", "DELETE"},
		Headers:        headers,
		ExposedHeaders: []string{"Retry-After"},
		MaxAge:         10 * time.Minute,
	})
}

// newCrossOrigin finds requests that change something and come from a page on another origin than the listed ones.
// SameSite does not stop a page on a sibling subdomain; this does (ASVS 3.5.1).
func (a *app) newCrossOrigin() (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	var problems []error
	for _, origin := range append([]string{a.cfg.PublicURL}, a.cfg.CORSOrigins...) {
		problems = append(problems, p.AddTrustedOrigin(origin))
	}
	return p, errors.Join(problems...)
}

// headers are those of every response: the body is what its type says (ASVS 3.4.4), which sites may embed it, and
// that browsers are to use https alone (ASVS 3.4.1).
func (a *app) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cross-Origin-Resource-Policy", a.cfg.ResourcePolicy)
		if a.cfg.HSTS != "" {
			w.Header().Set("Strict-Transport-Security", a.cfg.HSTS)
		}
		next.ServeHTTP(w, r)
	})
}

// limitBody answers 413 to a body larger than maxBody, once a handler reads that far.
func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = limitedBody{http.MaxBytesReader(w, r.Body, maxBody), r.Body}
		next.ServeHTTP(w, r)
	})
}

// limitedBody remembers the body behind the limit, for allowBody.
type limitedBody struct {
	io.ReadCloser
	all io.ReadCloser
}

// allowBody lets a handler read a body of n bytes, and limits the time for its arrival and the answer. Call it before
// anything reads the body, and after the check of who asks: a stranger needs no more than maxBody.
func allowBody(w http.ResponseWriter, r *http.Request, n int64, within time.Duration) error {
	if body, ok := r.Body.(limitedBody); ok {
		r.Body = http.MaxBytesReader(w, body.all, n)
	}
	control, deadline := http.NewResponseController(w), time.Now().Add(within)
	return errors.Join(control.SetReadDeadline(deadline), control.SetWriteDeadline(deadline))
}

var _ = allowBody // for your handlers; linters would call it unused

// guarded refuses changes from other origins, and names that are not ours (RFC 9110, section 7.4): a page whose name
// was made to point here (DNS rebinding) would pass for one of the service's own. An upgrade counts as a change: a
// WebSocket begins with a GET, and CORS does not apply to it.
func (a *app) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		checked := r
		if r.Header.Get("Upgrade") != "" {
			checked = r.WithContext(r.Context()) // a copy
			checked.Method = http.MethodPost
		}
		switch {
		case !isProbe(r) && !a.cfg.Serves(r.Host):
			message := "this is %s, not %q; a proxy must pass the Host header on; list more names in ALLOWED_HOSTS"
			a.fail(w, r, &problem{status: http.StatusMisdirectedRequest, name: "wrong_host",
				message: fmt.Sprintf(message, a.cfg.PublicURL, r.Host)})
		case a.crossOrigin.Check(checked) != nil:
			message := "%s requests from the origin %q are refused; a front end belongs in CORS_ORIGINS"
			a.fail(w, r, &problem{status: http.StatusForbidden, name: "cross_origin",
				message: fmt.Sprintf(message, r.Method, r.Header.Get("Origin"))})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// observed writes one line for each request, and answers 500 when a handler panics. The line names the path and not
// the query, and no header that may carry a token. CORS headers that were set before a panic stay, so a front end sees
// the 500 and not a puzzling CORS error.
func (a *app) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := &recorder{ResponseWriter: w}
		defer func() {
			cause := recover()
			err, _ := cause.(error)
			cut := errors.Is(err, http.ErrAbortHandler) // the agreed way to cut a connection
			if cause != nil && !cut {
				a.log.ErrorContext(r.Context(), "panic", "method", r.Method, "path", r.URL.Path,
					"cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
				if cut = seen.status != 0; !cut { // half an answer must not look complete
					a.fail(seen, r, errors.New("panic"))
				}
			}
			status := cmp.Or(seen.status, http.StatusOK)
			if cut {
				status = http.StatusInternalServerError
			}
			level := slog.LevelInfo
			if isProbe(r) {
				level = slog.LevelDebug
			}
			a.log.LogAttrs(r.Context(), level, "request",
				slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.Int("status", status), slog.Int64("bytes", seen.bytes),
				slog.Int64("took_us", time.Since(start).Microseconds()),
				slog.String("client", clientAddr(r).String()), slog.String("scheme", cmp.Or(r.URL.Scheme, "http")),
				slog.String("origin", r.Header.Get("Origin")))
			if cut {
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

// isProbe reports whether the request is a health check.
func isProbe(r *http.Request) bool { return r.URL.Path == "/healthz" || r.URL.Path == "/readyz" }

// recorder notes status and size of a response. Unwrap lets http.ResponseController reach the connection.
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

// FlushError sends the headers, so a status that was not set by then is 200.
func (w *recorder) FlushError() error {
	w.sent()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) sent() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
}
