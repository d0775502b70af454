package session

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// responseWriter commits the session before anything can reach the client, and buffers nothing. It has every way out that
// net/http knows, so that none goes round the commit; http.ResponseController reaches deadlines and full duplex through Unwrap.
type responseWriter[T any] request[T]

func (w *responseWriter[T]) before(status int) { (*request[T])(w).before(status) }

func (w *responseWriter[T]) Header() http.Header { return w.w.Header() }

func (w *responseWriter[T]) WriteHeader(status int) {
	// 1xx answers (but 101, which is the last one) come before the real answer, which may still get a cookie.
	// Nothing is saved for a status that is none: the real writer panics.
	if status >= 200 && status <= 999 || status == http.StatusSwitchingProtocols {
		w.before(status)
	}
	if w.failure == nil {
		w.w.WriteHeader(status)
	}
}

func (w *responseWriter[T]) Write(b []byte) (int, error) {
	w.before(http.StatusOK)
	if w.failure != nil {
		return 0, w.failure
	}
	return w.w.Write(b)
}

func (w *responseWriter[T]) WriteString(s string) (int, error) {
	w.before(http.StatusOK)
	if w.failure != nil {
		return 0, w.failure
	}
	return io.WriteString(w.w, s)
}

// ReadFrom keeps the kernel's way from a file to a connection (sendfile) open.
func (w *responseWriter[T]) ReadFrom(src io.Reader) (int64, error) {
	w.before(http.StatusOK)
	if w.failure != nil {
		return 0, w.failure
	}
	return io.Copy(w.w, src)
}

func (w *responseWriter[T]) Flush() { _ = w.FlushError() }

func (w *responseWriter[T]) FlushError() error {
	w.before(http.StatusOK)
	if w.failure != nil {
		return w.failure
	}
	return http.NewResponseController(w.w).Flush()
}

// Hijack commits as an answer of 101 would. The handler writes the answer by itself: it must copy the session's cookie
// from Header if it wants the browser to have it.
func (w *responseWriter[T]) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.before(http.StatusSwitchingProtocols)
	if w.failure != nil {
		return nil, nil, w.failure
	}
	return http.NewResponseController(w.w).Hijack()
}

func (w *responseWriter[T]) Unwrap() http.ResponseWriter { return w.w }
