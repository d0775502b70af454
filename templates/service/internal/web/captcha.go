package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/ratelimit"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

const (
	// purposeLogin binds a picture to the login, and to whatever else asks for a person here.
	purposeLogin = "login"
	// Pictures for one client address: a few at once, and a slow trickle for a program.
	codesPerMinute = 30
	codesBurst     = 10
)

// pendingCode is the server's half of the picture that a visitor was shown.
type pendingCode = captcha.Pending

type codes struct {
	*app
	desk  *captcha.Desk
	limit *ratelimit.Limiter
}

func newCaptcha(a *app) (part, error) {
	generator, err := captcha.New(config.CaptchaOptions())
	if err != nil {
		return part{}, err
	}
	options := captcha.DeskOptions{TTL: config.CaptchaTTL, Tries: config.CaptchaTries, Since: a.ledgerBegan()}
	limit := ratelimit.New(ratelimit.Options{Rate: codesPerMinute, Burst: codesBurst})
	c := &codes{app: a, desk: captcha.NewDesk(generator, ledger{a.store}, options), limit: limit}
	return part{
		routes:   func(mux *http.ServeMux) { mux.Handle("GET /code", a.answer(c.getCode)) },
		sessions: func(cfg *session.Config) { cfg.Visitor = keepVisitor },
		person:   c.check,
	}, nil
}

// keepVisitor lets the session of a visitor who left nothing there but a picture live no longer than that.
func keepVisitor(v any) time.Duration {
	s := *v.(*Session)
	if s.partFields = (partFields{}); reflect.ValueOf(s).IsZero() {
		return config.CaptchaTTL
	}
	return 0
}

// ledgerBegan is the time from which the store knows what was used: without a snapshot one in memory starts empty.
func (a *app) ledgerBegan() time.Time {
	if s, ok := a.store.(interface{ Began() time.Time }); ok {
		return s.Began()
	}
	return time.Time{}
}

// ledger counts tries in the store: of right answers at one time, at all instances that share it, one is accepted.
type ledger struct{ store session.Store }

func (l ledger) Find(ctx context.Context, key string) (data []byte, found bool, err error) {
	records, err := l.store.Find(ctx, key)
	if err != nil {
		return nil, false, err
	}
	return records[0], records[0] != nil, nil
}

func (l ledger) Swap(ctx context.Context, key string, old, new []byte, expiry time.Time) (bool, error) {
	made, err := l.store.Swap(ctx, session.Change{Key: key, Old: old, New: new, Expiry: expiry})
	return err == nil && made[0], err
}

// getCode shows a new picture, and keeps what it says in the session and nowhere else.
func (c *codes) getCode(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept, Sec-Purpose, Sec-Fetch-Site, Sec-Fetch-Mode, Sec-Fetch-Dest")

	h.Set("Content-Type", "application/json; charset=utf-8")
	asImage := prefersSVG(r.Header.Get("Accept"))
	if asImage {
		h.Set("Content-Type", "image/svg+xml; charset=utf-8")
	}
	if r.Method == http.MethodHead {
		return nil // looking must not replace the picture that the visitor is reading
	}
	if strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") {
		// An error makes the browser drop the prefetch and ask again when it is needed.
		return &problem{status: http.StatusServiceUnavailable, name: "prefetch", message: "no picture for a prefetch"}
	}
	if c.strangePage(r) {
		return &problem{status: http.StatusForbidden, name: "cross_origin", message: "only for listed front ends"}
	}
	if ok, wait := c.limit.Allow(clientAddr(r)); !ok {
		return tooMany("too many pictures for your network; wait a moment", wait)
	}
	pending, svg, err := c.desk.Issue(purposeLogin)
	if err != nil {
		return fmt.Errorf("draw captcha: %w", err)
	}
	c.sessions.Get(r).V.Code = pending
	if err := c.save(w, r); err != nil {
		return err
	}

	if !asImage {
		return succeed(w, "send the captcha's answer as code", map[string]string{"svg": string(svg)})
	}
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox") // opened as a page, it is still only a picture
	w.Write(svg)                                                    // an error means that the client is gone
	return nil
}

// strangePage reports whether a browser asks for a picture that neither a page of a front end nor a tab of its own
// would show: drawing it would replace the one that the visitor is reading. An <img> on another page that the cookie
// reaches looks like one on a front end and gets one, unless the service's own pages are the only front end.
func (c *codes) strangePage(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin != "" && origin != c.cfg.PublicURL && !slices.Contains(c.cfg.CORSOrigins, origin) {
		return true
	}
	site, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Dest")
	foreign := site == "cross-site" || site == "same-site"
	image := dest == "image" && (!foreign || len(c.cfg.CORSOrigins) > 0)
	fetch := dest == "empty" && r.Header.Get("Sec-Fetch-Mode") != "no-cors" // no page can read the answer to no-cors
	tab := dest == "document" && !foreign
	return dest != "" && !image && !fetch && !tab // programs and old browsers send no dest
}

// check takes one answer to the pending picture. It is sure at most once for a picture.
func (c *codes) check(r *http.Request, s *visit, body []byte) (sure bool, err error) {
	var in struct {
		Code string `json:"code"`
	}
	if err := decodeJSON(body, &in); err != nil {
		return false, err
	}
	err = c.desk.Verify(r.Context(), s.V.Code, purposeLogin, in.Code)
	var wrong *captcha.WrongError
	switch {
	case err == nil:
		s.V.Code = pendingCode{}
		return true, nil
	case errors.As(err, &wrong):
		next := "try again"
		if wrong.Left == 0 {
			s.V.Code, next = pendingCode{}, "ask for a new picture"
		}
		return false, &problem{status: http.StatusUnprocessableEntity, name: "captcha_wrong",
			message: "that is not the right captcha answer; " + next,
			details: map[string]any{"triesLeft": wrong.Left}}
	case errors.Is(err, captcha.ErrExpired), errors.Is(err, captcha.ErrUsed), errors.Is(err, captcha.ErrNone):
		s.V.Code = pendingCode{}
		return false, &problem{status: http.StatusGone, name: "captcha_expired",
			message: "no picture is pending: it has expired, was used, or the cookie was not sent; ask for another"}
	default:
		return false, fmt.Errorf("%w: %w", errStore, err)
	}
}

// prefersSVG reports whether Accept names an image before JSON, as that of an <img> does. Weights are not compared.
func prefersSVG(accept string) bool {
	for item := range strings.SplitSeq(strings.ToLower(accept), ",") {
		switch name, _, _ := strings.Cut(strings.TrimSpace(item), ";"); name {
		case "image/svg+xml", "image/*":
			return true
		case "application/json":
			return false
		}
	}
	return false
}
