package session

import (
	"context"
	"net/http"
	"time"
)

// request is the state of one request, in one small allocation. It holds the request that the handler sees, and is itself the
// handler's context (as a requestContext) and its response writer (as a responseWriter). The session is added when the handler
// asks for it.
type request[T any] struct {
	m     *Manager[T]
	r     *http.Request       // as it came in, without this state
	inner http.Request        // as the handler sees it
	w     http.ResponseWriter // the real one
	s     *Session[T]         // nil until the handler asks for it

	sent        bool  // the headers are out, or about to be
	upgrade     bool  // the answer is a handler's own, on a hijacked connection
	keep        bool  // nothing may be saved: the status is 500 or above
	answerError bool  // a session that could not be loaded spoils the answer
	failure     error // the answer is the error handler's; what the handler writes is dropped
	done        bool  // the handler has returned
}

// requestContext finds the request's state under its manager, so that several managers can serve one request.
type requestContext[T any] request[T]

func (c *requestContext[T]) Value(key any) any {
	if m, ok := key.(*Manager[T]); ok && m == c.m {
		return (*request[T])(c)
	}
	return c.r.Context().Value(key)
}

func (c *requestContext[T]) Deadline() (time.Time, bool) { return c.r.Context().Deadline() }
func (c *requestContext[T]) Done() <-chan struct{}       { return c.r.Context().Done() }
func (c *requestContext[T]) Err() error                  { return c.r.Context().Err() }

// before runs once, right before the headers are sent with this status: the store first, then the cookie, then the bytes. The
// other way round a redirect could reach the browser, and the next request the store, before the session does.
func (q *request[T]) before(status int) {
	if q.sent {
		return
	}
	q.sent, q.upgrade = true, status == http.StatusSwitchingProtocols
	if q.s == nil {
		return
	}
	q.keep = status >= http.StatusInternalServerError
	var err error
	switch {
	case q.s.err != nil && q.answerError && !q.keep:
		err = q.s.err
	case q.keep || !q.m.cfg.AutoCommit:
	default:
		err = q.save(q.w.Header(), false)
	}
	if err != nil {
		q.fail(err)
		return
	}
	q.addVary(q.w.Header())
	q.noStore()
}

// noStore keeps an answer with a token out of every cache, whatever the handler has said since the token was put there.
func (q *request[T]) noStore() {
	if h := q.w.Header(); q.s.told && !listed(h["Cache-Control"], "no-store") {
		h["Cache-Control"] = q.s.line(2, "no-store")
	}
}

// fail answers in place of the handler. Headers that outer handlers may have set (CORS, security) stay; those that
// describe the handler's own answer go.
func (q *request[T]) fail(err error) {
	q.failure = err
	h := q.w.Header()
	for _, name := range []string{"Cache-Control", "Clear-Site-Data", "Content-Disposition", "Content-Encoding", "Content-Language",
		"Content-Length", "Content-Location", "Content-Range", "Content-Type", "Accept-Ranges", "Etag", "Expires", "Last-Modified",
		"Location", "Trailer"} {
		h.Del(name)
	}
	if !q.s.told { // else the cookie is that of a Commit which has succeeded
		q.m.cookie.drop(h)
	}
	q.noStore()
	q.m.cfg.ErrorHandler(q.w, q.r, err)
}

// finish runs when the handler has returned without a panic.
func (q *request[T]) finish() {
	q.done = true
	if !q.sent {
		q.before(http.StatusOK)
		return
	}
	// The headers went out earlier: what was changed since is saved if the browser needs not know, and reported otherwise.
	if q.s != nil && q.failure == nil && !q.keep && q.m.cfg.AutoCommit {
		_ = q.save(nil, true) // told to the log and the events
	}
}

// removeFiles removes what a form of the handler's request left in the temporary directory. The server does so for its own request,
// and does not know of the copy.
func (q *request[T]) removeFiles() {
	if q.inner.MultipartForm != nil && q.r.MultipartForm == nil {
		_ = q.inner.MultipartForm.RemoveAll() // as the server does
	}
}

// commit is Manager.Commit.
func (q *request[T]) commit(h http.Header) error {
	if q.s == nil {
		return nil
	}
	if q.s.err != nil {
		return q.s.err
	}
	return q.save(h, q.sent)
}

// save commits the session and puts the outcome into the headers, unless they are gone (late).
func (q *request[T]) save(h http.Header, late bool) error {
	out, err := q.s.commit(q.r.Context(), late)
	if err != nil || late {
		return err
	}
	q.s.writeOutcome(h, out)
	return nil
}

// addVary says that the answer depends on the cookie. It avoids the allocation of Header.Add in the common case.
func (q *request[T]) addVary(h http.Header) {
	if q.m.cfg.ExternalKey != nil {
		return
	}
	old := h["Vary"]
	if len(old) == 0 {
		h["Vary"] = q.s.line(0, "Cookie")
		return
	}
	if !listed(old, "cookie") {
		h["Vary"] = append(old, "Cookie")
	}
}

// copyWithContext is WithContext into memory that is there already. As a function of its own it lets the compiler keep the
// copy in between off the heap, which it does not do inside generic code.
func copyWithContext(to, r *http.Request, ctx context.Context) { *to = *r.WithContext(ctx) }
