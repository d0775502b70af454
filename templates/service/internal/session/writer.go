package session

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// responseWriter commits the session before anything can reach the client, and buffers nothing. It has every way out that
// net/http knows, so that none goes round the commit; http.ResponseController reaches deadlines and full duplex through Unwrap.
type responseWriter[T any] struct {
	q *request[T]
}

func (w *responseWriter[T]) Header() http.Header { return w.q.w.Header() }

func (w *responseWriter[T]) WriteHeader(status int) {
	q := w.q
	// 1xx answers (but 101, which is the last one) come before the real answer, which may still get a cookie.
	if status < 100 || status >= 200 || status == http.StatusSwitchingProtocols {
		q.before(status)
	}
	if q.failure == nil {
		q.w.WriteHeader(status)
	}
}

func (w *responseWriter[T]) Write(b []byte) (int, error) {
	w.q.before(http.StatusOK)
	if w.q.failure != nil {
		return 0, w.q.failure
	}
	return w.q.w.Write(b)
}

func (w *responseWriter[T]) WriteString(s string) (int, error) {
	w.q.before(http.StatusOK)
	if w.q.failure != nil {
		return 0, w.q.failure
	}
	return io.WriteString(w.q.w, s)
}

// ReadFrom keeps the kernel's way from a file to a connection (sendfile) open.
func (w *responseWriter[T]) ReadFrom(src io.Reader) (int64, error) {
	w.q.before(http.StatusOK)
	if w.q.failure != nil {
		return 0, w.q.failure
	}
	return io.Copy(w.q.w, src)
}

func (w *responseWriter[T]) Flush() { _ = w.FlushError() }

func (w *responseWriter[T]) FlushError() error {
	w.q.before(http.StatusOK)
	if w.q.failure != nil {
		return w.q.failure
	}
	return http.NewResponseController(w.q.w).Flush()
}

// Hijack commits as an answer of 101 would. The handler writes the answer by itself: it must copy the session's cookie
// from Header if it wants the browser to have it.
func (w *responseWriter[T]) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.q.before(http.StatusSwitchingProtocols)
	if w.q.failure != nil {
		return nil, nil, w.q.failure
	}
	return http.NewResponseController(w.q.w).Hijack()
}

func (w *responseWriter[T]) Unwrap() http.ResponseWriter { return w.q.w }
