package session

// browserGrain is the TouchGrain of browser sessions if none is set: a request a second on an idle timeout of 20 minutes costs
// one write a minute, and the session ends at most one minute early.
const browserGrain = 0.05

// touchDue reports whether an unchanged session must be extended, and whether the browser must be told. The rules are koa's:
//   - Rolling: at each visit;
//   - Renew: when less than half of the time is left (at exactly half it is not yet due);
//   - neither: never; the session ends MaxAge after its last change.
//
// Browser sessions have no Max-Age to renew, so only the server's record is extended.
func (s *Session[T]) touchDue() (due, tell bool) {
	cfg := &s.m.cfg
	idle, browser := s.m.idleFor(s.env)
	since := s.now() - s.env.touched
	grain := cfg.TouchGrain
	switch {
	case cfg.Rolling:
		return float64(since) >= grain*float64(idle), true
	case browser:
		if grain == 0 {
			grain = browserGrain
		}
		return float64(since) >= grain*float64(idle), false
	case cfg.Renew:
		return (idle-since)*2 < idle, true
	}
	return false, false
}
