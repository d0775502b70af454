package web

import (
	"bytes"
	"io"
	"net/http"
)

// Captcha lets a request pass to next once the field code of its JSON body says what is in the picture of GET /code,
// or another optional part is sure that a person asks. It reads the session, so it belongs inside of Handler or
// Middleware.
func (s *Sessions) Captcha(next http.Handler) http.Handler {
	return limitBody(s.app.answer(func(w http.ResponseWriter, r *http.Request) error {
		body, err := readJSON(r, &struct{}{})
		if err != nil {
			return err
		}
		if err := s.app.checkPerson(r, s.Get(r), body); err != nil {
			return err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
		return nil
	}))
}
