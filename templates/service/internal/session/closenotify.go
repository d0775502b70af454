package session

import "context"

// CloseNotify is for gin, whose Context.Stream takes every response writer for an http.CloseNotifier. Others use the
// context of the request, which ends at the same moment.
func (x *exchange[T]) CloseNotify() <-chan bool {
	gone := make(chan bool, 1)
	context.AfterFunc(x.r.Context(), func() { gone <- true })
	return gone
}
