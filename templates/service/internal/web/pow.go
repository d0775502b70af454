package web

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/ratelimit"
)

// works hands out computing tasks to people who cannot see the picture.
type works struct {
	pow   *captcha.PoW
	limit *ratelimit.Limiter
}

// newPow derives the key that signs the tasks from each instance's newest session key, so that all instances share
// it. Tasks that are under way when the keys are rotated must be asked for again.
func newPow(a *app) (part, error) {
	if len(a.cfg.Session.Keys) == 0 {
		return part{}, errors.New("there is no session key to derive the key of the tasks from")
	}
	key, err := hkdf.Key(sha256.New, a.cfg.Session.Keys[0], nil, "captcha proof of work", sha256.Size)
	if err != nil {
		return part{}, err
	}
	options := captcha.PoWOptions{Purpose: purposeLogin, TTL: config.CaptchaTTL, Since: a.ledgerBegan()}
	pow, err := captcha.NewPoW(key, ledger{a.store}, options)
	if err != nil {
		return part{}, err
	}
	works := &works{pow: pow, limit: ratelimit.New(ratelimit.Options{Rate: codesPerMinute, Burst: codesBurst})}
	return part{
		routes: func(mux *http.ServeMux) { mux.Handle("GET /code/work", a.answer(works.getWork)) },
		person: works.check,
	}, nil
}

// getWork hands out a task. Its answer is not in the usual envelope, because the widget of ALTCHA (the format is
// its version 1) reads the members at the top; message and state stand among them.
func (k *works) getWork(w http.ResponseWriter, r *http.Request) error {
	if ok, wait := k.limit.Allow(clientAddr(r)); !ok {
		return tooMany("too many tasks for your network; wait a moment", wait)
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(struct {
		captcha.PoWChallenge
		Message string `json:"message"`
		State   int    `json:"state"`
	}{k.pow.Challenge(), "find the number", 1})
}

// check takes the solution of a task in place of the characters of a picture. A picture that was shown is used up.
func (k *works) check(r *http.Request, s *visit, body []byte) (sure bool, err error) {
	var in struct {
		Altcha string `json:"altcha"`
	}
	if err := decodeJSON(body, &in); err != nil || in.Altcha == "" {
		return false, err
	}
	err = k.pow.Verify(r.Context(), in.Altcha)
	switch {
	case errors.Is(err, captcha.ErrPayload):
		return false, &problem{status: http.StatusUnprocessableEntity, name: "work_wrong",
			message: "this does not solve the task; ask for a new one"}
	case errors.Is(err, captcha.ErrPoWExpired), errors.Is(err, captcha.ErrPoWUsed):
		return false, &problem{status: http.StatusGone, name: "work_expired",
			message: "the task has expired or was used; ask for a new one"}
	case err != nil:
		return false, fmt.Errorf("%w: %w", errStore, err)
	}
	s.V.Code = pendingCode{}
	return true, nil
}
