package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/koa"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

const (
	// koaAgain is how long a cookie of Koa is good for after its first use: a page sends several requests at once, and
	// an answer can get lost.
	koaAgain = time.Minute
	// koaKept is how long the use of a cookie is remembered at most: if it has no end, or a later one.
	koaKept = 400 * 24 * time.Hour
)

// koaMove takes sessions over from a service that ran on Koa.
type koaMove struct {
	*app
	config.Koa

	from func(fields map[string]json.RawMessage, s *Session) (user string, ok bool)
	find func(ctx context.Context, id string) (fields map[string]json.RawMessage, err error)
}

// The move comes first, so that what other parts demand of a session holds for one that it has just begun, too.
func init() { makers = slices.Insert(makers, 0, newKoa) }

// newKoa signs in visitors who are logged in at the Koa service; each of its cookies works once. Remove it (koaKeys)
// when the last of those cookies has ended.
func newKoa(a *app) (part, error) {
	k := &koaMove{app: a, from: fromKoa, find: a.koaFields}
	var err error
	switch k.Koa, err = a.cfg.Koa(); {
	case err != nil:
		return part{}, err
	case k.closed():
		a.log.Warn("KOA_UNTIL has passed: no session is taken over from Koa any more; regenerate with koaKeys off")
	case len(k.Keys) == 0:
		a.log.Warn("KOA_KEYS is not set: no session is taken over from Koa")
	case k.Until.IsZero():
		a.log.Warn("KOA_UNTIL is not set: a stolen cookie of Koa that never expires can be used once, however old; " +
			"set it to the day of the move plus Koa's longest maxAge")
	}
	p := part{middleware: k.middleware}
	if k.Keep { // a logout is one of both services
		p.logout = k.drop
	}
	return p, err
}

func (k *koaMove) middleware(next http.Handler) http.Handler {
	return k.answer(func(w http.ResponseWriter, r *http.Request) error {
		if err := k.takeOver(w, r); err != nil {
			return err
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

func (k *koaMove) closed() bool { return !k.Until.IsZero() && time.Now().After(k.Until) }

// drop has the browser forget the cookies of Koa.
func (k *koaMove) drop(h http.Header) {
	own := k.cfg.Session
	k.Delete(h, http.Cookie{Name: own.Key, Domain: own.Domain, Path: own.Path})
}

// takeOver signs in the user that a cookie of Koa names, unless somebody is logged in here. It commits the session
// before the handler runs: the browser gets our cookie whatever the handler answers, and drops those of Koa with it,
// unless Keep. A request without a signed cookie of Koa costs no store access.
func (k *koaMove) takeOver(w http.ResponseWriter, r *http.Request) error {
	values := k.Values(r)
	if len(values) == 0 || k.closed() {
		return nil
	}
	s := k.sessions.Get(k.Without(r, values)) // else a cookie of Koa that has our name would count as malformed
	for _, value := range values {
		if s.User() != "" || s.Err() != nil { // an error answers for itself
			return nil
		}
		fields, end, err := k.lookUp(r.Context(), value)
		if err != nil {
			return err
		}
		if fields == nil {
			continue
		}
		v := s.V
		user, ok := k.from(fields, &v)
		if !ok || user == "" && !s.IsNew() { // nobody there: a session here stays
			continue
		}
		first, err := k.use(r.Context(), value, end)
		switch {
		case err != nil:
			return err
		case !first:
			k.log.InfoContext(r.Context(), "koa cookie refused: used before", "user", user,
				"client", clientAddr(r).String())
			continue
		}
		if user != "" {
			if err := s.SignIn(user); err != nil { // the id of fromKoa is too long
				k.log.ErrorContext(r.Context(), "koa session not taken over", "error", err)
				continue
			}
		}
		s.V = v
		s.Save()
		if err := k.sessions.Commit(w, r); err != nil {
			return k.sessionError(err)
		}
		if !k.Keep {
			k.drop(w.Header())
		}
		k.log.InfoContext(r.Context(), "taken over from koa", "user", user, "session", s.ID(),
			"client", clientAddr(r).String())
	}
	return nil
}

// lookUp returns the fields of a live session of Koa and when it ends, or nil.
func (k *koaMove) lookUp(ctx context.Context, value string) (map[string]json.RawMessage, time.Time, error) {
	fields, ok := koa.Fields(value)
	if !ok {
		var err error
		if fields, err = k.find(ctx, value); err != nil {
			return nil, time.Time{}, fmt.Errorf("%w: look up a session of Koa: %w", errStore, err)
		}
	}
	end, err := koa.End(fields)
	if err != nil || !end.IsZero() && time.Now().After(end) {
		return nil, time.Time{}, nil
	}
	return fields, end, nil
}

// use notes in the store that a cookie of Koa was used, and reports whether this is the first time, or as good as
// that. So a copy signs nobody in once koaAgain is over, as long as the store remembers: one in the memory of a process
// forgets at its end.
func (k *koaMove) use(ctx context.Context, value string, end time.Time) (first bool, err error) {
	sum := sha256.Sum256([]byte("koa\x00" + k.Cookie.Name + "\x00" + value))
	now := time.Now()
	mark := session.Change{Key: base64.RawURLEncoding.EncodeToString(sum[:]),
		New: strconv.AppendInt(nil, now.UnixMilli(), 10), Expiry: now.Add(koaKept)}
	for _, limit := range []time.Time{end, k.Until} {
		if !limit.IsZero() && limit.Before(mark.Expiry) {
			mark.Expiry = limit.Add(koaAgain)
		}
	}
	made, err := k.store.Swap(ctx, mark)
	if err == nil && made[0] {
		return true, nil
	}
	var records [][]byte
	if err == nil {
		records, err = k.store.Find(ctx, mark.Key)
	}
	if err != nil {
		return false, fmt.Errorf("%w: note the use of a cookie of Koa: %w", errStore, err)
	}
	at, err := strconv.ParseInt(string(records[0]), 10, 64)
	return err == nil && now.Sub(time.UnixMilli(at)) < koaAgain, nil
}
