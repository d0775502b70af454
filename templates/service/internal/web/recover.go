package web

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
)

// recovered answers 500 when a handler panics. CORS headers that were set by
// then stay, so a front end sees the 500 and not a puzzling CORS error.
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
			a.fail(w, r, &problem{status: http.StatusInternalServerError, name: "internal", message: "something went wrong on the server"})
		}()
		next.ServeHTTP(seen, r)
	})
}
