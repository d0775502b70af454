package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/ratelimit"
)

// envelope is the form of a response: State is 1 for success and 0 for an error, whose machine-readable name is
// then in Result.
type envelope struct {
	Message string `json:"message"`
	State   int    `json:"state"`
	Result  any    `json:"result"`
}

// problem is an error with an answer of its own. Its message is for the client; every other error is answered without
// its text, and those of the service are logged.
type problem struct {
	status     int
	name       string         // stable, for programs: not_logged_in
	message    string         // for people
	details    map[string]any // further fields of the result
	retryAfter time.Duration  // when the client may ask again
}

func (p *problem) Error() string { return p.message }

// tooMany refuses a request that came too soon.
func tooMany(message string, wait time.Duration) *problem {
	return &problem{status: http.StatusTooManyRequests, name: "too_many", message: message, retryAfter: wait}
}

// answer turns a handler that returns its error into an http.Handler.
func (a *app) answer(f func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil {
			a.refuse(w, r, err)
		}
	})
}

// refuse answers an error. Where sessions are not committed by themselves, it commits before an answer below 500,
// for that is a visit as well.
func (a *app) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if describe(err).status < http.StatusInternalServerError {
		if saveErr := a.save(w, r); saveErr != nil {
			err = saveErr
		}
	}
	a.fail(w, r, err)
}

var bodyHeaders = strings.Fields("Content-Length Content-Encoding Content-Range Content-Disposition ETag Last-Modified")

// fail is the one place where an error becomes a status and a body. Headers that the handler had set for a body of
// its own go.
func (a *app) fail(w http.ResponseWriter, r *http.Request, err error) {
	for _, name := range bodyHeaders {
		w.Header().Del(name)
	}
	p := describe(err)
	if !errors.As(err, new(*problem)) && p.status >= 500 && r.Context().Err() == nil {
		a.log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", ratelimit.RetryAfter(p.retryAfter))
	}
	result := map[string]any{"error": p.name}
	maps.Copy(result, p.details)
	write(w, p.status, envelope{Message: p.message, Result: result})
}

func describe(err error) *problem {
	var p *problem
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &tooLarge):
		return &problem{status: http.StatusRequestEntityTooLarge, name: "too_large",
			message: fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit)}
	case errors.Is(err, errStore), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &problem{status: http.StatusServiceUnavailable, name: "unavailable",
			message: "the service cannot answer at the moment; try again"}
	default:
		return &problem{status: http.StatusInternalServerError, name: "internal",
			message: "something went wrong on the server"}
	}
}

// succeed answers 200 with a result, which may be nil.
func succeed(w http.ResponseWriter, message string, result any) error {
	write(w, http.StatusOK, envelope{Message: message, State: 1, Result: result})
	return nil
}

// write sends the envelope. Responses depend on who asks, so no cache may keep them.
func write(w http.ResponseWriter, status int, e envelope) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // escaped, markup is unreadable; nosniff keeps JSON from being read as HTML
	if err := encoder.Encode(e); err != nil {
		panic(fmt.Sprintf("answer is not JSON: %v", err)) // a fault of the handler; the client gets a 500
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(body.Bytes()) // an error means that the client is gone
}

// notFound answers in the envelope where no route matches, in place of ServeMux's own 404 and 405. It is the mux's
// pattern "/".
func (a *app) notFound(mux *http.ServeMux) http.Handler {
	return a.answer(func(w http.ResponseWriter, r *http.Request) error {
		var allowed []string
		other := r.WithContext(r.Context()) // a copy
		for _, other.Method = range []string{"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"} {
			if _, pattern := mux.Handler(other); pattern != "/" {
				allowed = append(allowed, other.Method)
			}
		}
		if allowed == nil && a.cfg.Dev && r.URL.Path == "/" {
			return succeed(w, "an API for front ends, without pages", map[string]any{"frontEnds": a.cfg.CORSOrigins})
		}
		if allowed == nil {
			return &problem{status: http.StatusNotFound, name: "not_found", message: "there is nothing at this address"}
		}
		list := strings.Join(allowed, ", ")
		w.Header().Set("Allow", list)
		return &problem{status: http.StatusMethodNotAllowed, name: "method_not_allowed",
			message: fmt.Sprintf("%s is not possible here; allowed: %s", r.Method, list)}
	})
}

// getHealth says that the process serves requests. It asks nothing else, so a store that is down does not get every
// instance restarted.
func (a *app) getHealth(w http.ResponseWriter, r *http.Request) error {
	return succeed(w, "alive", nil)
}

// getReady says whether a login would work, which needs the store.
func (a *app) getReady(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second) // what a probe waits
	defer cancel()
	if err := a.store.Ping(ctx); err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	return succeed(w, "ready", nil)
}
