package session

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
)

// exchange is one request and its response. It is both the context of the handler, in which the manager finds it,
// and the response writer, which saves the session before anything can reach the client, and buffers nothing.
type exchange[T any] struct {
	context.Context
	http.ResponseWriter

	m *Manager[T]
	r *http.Request // as it came in
	s *Session[T]   // nil until the handler asks for it

	sent    bool  // the headers are out, or about to be
	issued  bool  // they have a token, or its deletion
	failed  bool  // the status is 500 or above: nothing is saved
	failure error // the answer is the error handler's; what the handler writes is dropped
	done    bool  // the handler has returned
}

// Value finds the exchange under its manager, so that several managers can serve one request.
func (x *exchange[T]) Value(key any) any {
	if m, ok := key.(*Manager[T]); ok && m == x.m {
		return x
	}
	return x.Context.Value(key)
}

// before runs once, right before the headers are sent: the store first, then the cookie, then the bytes. Otherwise
// a redirect could reach the browser, and the next request the store, before the session does. It returns x.failure.
func (x *exchange[T]) before(status int) error {
	if x.sent {
		return x.failure
	}
	x.sent, x.failed = true, status >= http.StatusInternalServerError
	if x.s == nil {
		return nil
	}
	var err error
	switch {
	case x.s.err != nil && !x.failed:
		err = x.s.err
	case x.m.cfg.AutoCommit:
		err = x.save(x.Header())
	}
	if err != nil && !x.failed {
		x.fail(err)
		return err
	}
	if h := x.Header(); !listed(h["Vary"], "Cookie") {
		h.Add("Vary", "Cookie")
	}
	x.noStore()
	return nil
}

// save commits the session and puts the outcome into the response headers.
func (x *exchange[T]) save(h http.Header) error {
	out, err := x.s.commit(x.Context, x.failed)
	if err == nil && out.send {
		x.m.write(h, out)
		x.issued = true
	}
	return err
}

// noStore keeps a response with a token out of every cache, whatever the handler has set since the token was put there.
func (x *exchange[T]) noStore() {
	if h := x.Header(); x.issued && !listed(h["Cache-Control"], "no-store") {
		h.Set("Cache-Control", "no-store")
	}
}

// fail responds in place of the handler. Headers that outer handlers may have set (CORS, security) stay; those that
// describe the handler's own response go.
func (x *exchange[T]) fail(err error) {
	x.failure = err
	h := x.Header()
	for _, name := range []string{"Cache-Control", "Clear-Site-Data", "Content-Disposition", "Content-Encoding",
		"Content-Language", "Content-Length", "Content-Location", "Content-Range", "Content-Type", "Accept-Ranges",
		"Etag", "Expires", "Last-Modified", "Location", "Trailer"} {
		h.Del(name)
	}
	if !x.issued { // else the cookie is that of a Commit which has succeeded
		x.m.dropCookies(h)
	}
	x.noStore()
	x.m.cfg.ErrorHandler(x.ResponseWriter, x.r, err)
}

// finish runs when the handler has returned, or is panicking.
func (x *exchange[T]) finish(panicking bool) {
	x.done = true
	switch {
	case !x.sent && panicking:
		_ = x.before(http.StatusInternalServerError)
	case !x.sent:
		_ = x.before(http.StatusOK)
	case x.s != nil && x.m.cfg.AutoCommit:
		x.failed = x.failed || panicking || x.failure != nil
		_ = x.late() // reported to the log and the events
	}
}

// late takes care of what was changed after the headers went out. Nothing is saved, since no cookie can be sent,
// but what Destroy has ended is deleted.
func (x *exchange[T]) late() error {
	s := x.s
	if s.err != nil || s.dead {
		return nil
	}
	kind, err := StoreError, s.finishEnd(x.Context)
	if err == nil && !x.failed {
		var changed bool
		if _, changed, err = s.encode(); err == nil && (changed || s.intent >= save) {
			kind, err = Late, ErrLate
		}
	}
	if err != nil {
		x.m.emit(x.Context, Event{Kind: kind, KeyHash: s.ID(), User: s.env.user, Err: err})
	}
	return err
}

func (x *exchange[T]) WriteHeader(status int) {
	// 1xx responses (but 101, which is final) come before the real response, which may still get a cookie. Nothing
	// is saved for an invalid status: the real writer panics.
	if status >= 200 && status <= 999 || status == http.StatusSwitchingProtocols {
		_ = x.before(status)
	}
	if x.failure == nil {
		x.ResponseWriter.WriteHeader(status)
	}
}

func (x *exchange[T]) Write(b []byte) (int, error) {
	if err := x.before(http.StatusOK); err != nil {
		return 0, err
	}
	return x.ResponseWriter.Write(b)
}

// ReadFrom keeps the kernel's way from a file to a connection (sendfile) open.
func (x *exchange[T]) ReadFrom(src io.Reader) (int64, error) {
	if err := x.before(http.StatusOK); err != nil {
		return 0, err
	}
	return io.Copy(x.ResponseWriter, src)
}

// Flush is FlushError for callers that ask for an http.Flusher.
func (x *exchange[T]) Flush() { _ = x.FlushError() }

// FlushError sends the headers, so it saves first.
func (x *exchange[T]) FlushError() error {
	if err := x.before(http.StatusOK); err != nil {
		return err
	}
	return http.NewResponseController(x.ResponseWriter).Flush()
}

// Hijack saves as a response of 101 would. The handler writes the response itself: it must copy the session's cookie
// from Header if it wants the browser to have it.
func (x *exchange[T]) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if err := x.before(http.StatusSwitchingProtocols); err != nil {
		return nil, nil, err
	}
	return http.NewResponseController(x.ResponseWriter).Hijack()
}

// Unwrap lets http.ResponseController reach deadlines and full duplex. Every way to send something has a method above,
// so that none goes round the save.
func (x *exchange[T]) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// listed reports whether a header's comma-separated lists hold the word; "*" counts in Vary.
func listed(lines []string, word string) bool {
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			item = strings.TrimSpace(item)
			if item == "*" || strings.EqualFold(item, word) {
				return true
			}
		}
	}
	return false
}
