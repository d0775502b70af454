package web

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/ratelimit"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// works hands out computing tasks to those who cannot see the picture.
type works struct {
	pow   *captcha.PoW
	limit *ratelimit.Limiter
}

// newWorks derives the key that signs the tasks from each instance's newest
// session key, so that all instances share it. Tasks that are under way when
// the keys are rotated must be asked for again.
func newWorks(cfg config.Config, store session.Store) (*works, error) {
	if len(cfg.SessionKeys) == 0 {
		return nil, errors.New("there is no session key to derive the key of the tasks from")
	}
	key, err := hkdf.Key(sha256.New, cfg.SessionKeys[0], nil, "captcha proof of work", sha256.Size)
	if err != nil {
		return nil, err
	}
	pow, err := captcha.NewPoW(key, ledger(store), captcha.PoWOptions{Purpose: purposeLogin, TTL: config.CaptchaTTL})
	if err != nil {
		return nil, err
	}
	return &works{pow: pow, limit: ratelimit.New(ratelimit.Options{Rate: codesPerMinute, Burst: codesBurst})}, nil
}

// getWork hands out a task. Its answer is not in the usual envelope, because
// the widget of ALTCHA (the format is its version 1) reads the members at the
// top; message and state stand among them.
func (a *app) getWork(w http.ResponseWriter, r *http.Request) error {
	if ok, wait := a.works.limit.Allow(clientAddr(r)); !ok {
		return &problem{status: http.StatusTooManyRequests, name: "too_many", message: "too many tasks for your network; wait a moment", retryAfter: wait}
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(struct {
		captcha.PoWChallenge
		Message string `json:"message"`
		State   int    `json:"state"`
	}{a.works.pow.Challenge(), "find the number", 1})
}

// solveCode takes the solution of a task in place of the characters of a
// picture. It answers with those of a picture that nobody has seen, which is
// pending then, so that a login goes one way from here on.
func (a *app) solveCode(ctx context.Context, pending *pendingCode, solution string) (string, error) {
	err := a.works.pow.Verify(ctx, solution)
	switch {
	case errors.Is(err, captcha.ErrPayload):
		return "", &problem{status: http.StatusUnprocessableEntity, name: "work_wrong", message: "this does not solve the task; ask for a new one"}
	case errors.Is(err, captcha.ErrPoWExpired), errors.Is(err, captcha.ErrPoWUsed):
		return "", &problem{status: http.StatusGone, name: "work_expired", message: "the task has expired or was used; ask for a new one"}
	case err != nil:
		return "", fmt.Errorf("%w: %w", errStore, err)
	}
	unseen, _, err := a.codes.desk.Issue(purposeLogin)
	if err != nil {
		return "", fmt.Errorf("draw captcha: %w", err)
	}
	*pending = unseen
	return unseen.Answer, nil
}
