package web

import (
	"encoding/json"
	"time"
)

// rememberFor is how long a session lives that is to remember its user, at most absoluteMaxAge.
const rememberFor = 30 * 24 * time.Hour

func init() { makers = append(makers, newRemember) }

// newRemember makes a session last longer if its login asks for it. Another login takes back what an earlier one asked.
func newRemember(a *app) (part, error) {
	return part{login: func(s *visit, body []byte) error {
		var in struct {
			Remember bool `json:"remember"`
		}
		if err := json.Unmarshal(body, &in); err != nil {
			return errBadJSON
		}
		maxAge := a.cfg.Session.MaxAge
		if in.Remember {
			maxAge = min(rememberFor, a.cfg.Session.AbsoluteMaxAge)
		}
		if s.MaxAge() != maxAge {
			s.SetMaxAge(maxAge)
		}
		return nil
	}}, nil
}
