package web

import (
	"context"
	"encoding/json"
)

// This file is yours: it says what the Koa service has put into its sessions.

// fromKoa moves what is still needed of a session of Koa into s, and returns the user who is logged in there, by the
// id that an [Authenticator] returns. With "" and true the visitor keeps what was put into s, and is not logged in.
// With false nothing is taken over. fields are those of ctx.session; its expiry has been checked.
func fromKoa(fields map[string]json.RawMessage, s *Session) (user string, ok bool) {
	// ctx.session.user = 'ann'
	if err := json.Unmarshal(fields["user"], &user); err != nil {
		return "", false
	}
	s.Username = user
	return user, user != ""
}

// koaFields finds the session that the Koa service keeps in a store under id, for koa-session's option store (and
// externalKey, if that keeps the id in the cookie). id is what the cookie held, and the Koa service has signed it. nil
// stands for a session that is not there (any more); an error answers 503, so that a front end tries again.
func (a *app) koaFields(_ context.Context, _ string) (fields map[string]json.RawMessage, err error) {
	// With Redis, and the prefix of the store of the Koa service (name the parameters ctx and id, and add a client to
	// app, in routes.go, as redis):
	//
	//	record, err := a.redis.Get(ctx, "koa:"+id).Bytes()
	//	if errors.Is(err, redis.Nil) {
	//		return nil, nil
	//	}
	//	if err == nil {
	//		err = json.Unmarshal(record, &fields)
	//	}
	//	return fields, err
	return nil, nil
}
