package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/ratelimit"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// purposeLogin binds a picture to the login: it opens nothing else.
const purposeLogin = "login"

// Pictures for one client address: a few at once for somebody who asks for
// another one, and a slow trickle for a program.
const (
	codesPerMinute = 30
	codesBurst     = 10
)

// pendingCode is the server's half of the picture that a visitor was shown.
type pendingCode = captcha.Pending

// codes hands out captcha pictures and checks the answers.
type codes struct {
	desk  *captcha.Desk
	limit *ratelimit.Limiter
}

func newCodes(store session.Store) (*codes, error) {
	generator, err := captcha.New(config.CaptchaOptions())
	if err != nil {
		return nil, err
	}
	return &codes{
		desk:  captcha.NewDesk(generator, ledger(store), captcha.DeskOptions{TTL: config.CaptchaTTL, Tries: config.CaptchaTries}),
		limit: ratelimit.New(ratelimit.Options{Rate: codesPerMinute, Burst: codesBurst}),
	}, nil
}

// ledger is where tries are counted: in the store, so two right answers at the
// same time, even at two instances, open the door once.
func ledger(store session.Store) captcha.Ledger {
	return struct {
		session.Store
		session.Swapper
	}{store, session.AsSwapper(store)}
}

// getCode shows a new picture and keeps what it says in the session. The text
// itself is in no answer and in no log.
func (a *app) getCode(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept, Sec-Purpose")

	asImage := prefersSVG(r.Header.Get("Accept"))
	if r.Method == http.MethodHead {
		// Looking must not replace the picture that the visitor is reading.
		h.Set("Content-Type", mediaType(asImage))
		return nil
	}
	if strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") {
		// An error makes the browser drop the prefetch and ask again when it is needed.
		return &problem{status: http.StatusServiceUnavailable, name: "prefetch", message: "a picture is drawn only when it is shown"}
	}
	if a.strangePage(r) {
		return &problem{status: http.StatusForbidden, name: "cross_origin", message: "pictures are drawn for the listed front ends only"}
	}
	if ok, wait := a.codes.limit.Allow(clientAddr(r)); !ok {
		return &problem{status: http.StatusTooManyRequests, name: "too_many", message: "too many pictures for your network; wait a moment", retryAfter: wait}
	}
	pending, svg, err := a.codes.desk.Issue(purposeLogin)
	if err != nil {
		return fmt.Errorf("draw captcha: %w", err)
	}
	a.sessions.Get(r).V.Code = pending
	if err := a.save(w, r); err != nil {
		return err
	}

	if !asImage {
		return succeed(w, "type the characters in the picture", map[string]string{"svg": string(svg)})
	}
	h.Set("Content-Type", mediaType(true))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox") // opened as a page, it is still only a picture
	w.Write(svg)
	return nil
}

// strangePage tells whether a picture is asked for by a page that is none of
// ours, or by a link or a frame on one: drawing it would replace the picture
// that the visitor is reading. What cannot be told apart is an <img> on a
// sibling subdomain, which looks like one of the front end's own.
func (a *app) strangePage(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != a.cfg.PublicURL && !slices.Contains(a.cfg.CORSOrigins, origin) {
		return true
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		dest := r.Header.Get("Sec-Fetch-Dest")
		return dest == "document" || dest == "iframe" || dest == "frame" || dest == "object" || dest == "embed"
	}
	return false
}

// check takes one answer to the pending picture. It is nil at most once for a picture.
func (c *codes) check(ctx context.Context, pending *pendingCode, answer string) error {
	err := c.desk.Verify(ctx, *pending, purposeLogin, answer)
	var wrong *captcha.WrongError
	switch {
	case err == nil:
		*pending = pendingCode{}
		return nil
	case errors.As(err, &wrong) && wrong.Left > 0:
		return &problem{status: http.StatusUnprocessableEntity, name: "captcha_wrong",
			message: "these are not the characters in the picture; try again", details: map[string]any{"triesLeft": wrong.Left}}
	case errors.As(err, &wrong):
		*pending = pendingCode{}
		return &problem{status: http.StatusUnprocessableEntity, name: "captcha_wrong",
			message: "these are not the characters in the picture; ask for a new one", details: map[string]any{"triesLeft": wrong.Left}}
	case errors.Is(err, captcha.ErrExpired), errors.Is(err, captcha.ErrUsed), errors.Is(err, captcha.ErrNone):
		*pending = pendingCode{}
		return &problem{status: http.StatusGone, name: "captcha_expired",
			message: "the picture has expired or was used; ask for a new one"}
	default:
		return fmt.Errorf("%w: %w", errStore, err)
	}
}

func mediaType(image bool) string {
	if image {
		return "image/svg+xml; charset=utf-8"
	}
	return "application/json; charset=utf-8"
}
