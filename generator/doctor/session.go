package doctor

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// maxCandidates bounds the requests that find the session among several cookies.
const maxCandidates = 6

// nameSession finds which cookies are the session: those that check depends on, else those that look like it.
func (e *examination) nameSession(ctx context.Context) {
	all := e.received()
	if e.o.Cookie != "" {
		if _, ok := find(all, e.o.Cookie); ok {
			e.names = []string{e.o.Cookie}
		}
		e.compare(ctx)
		return
	}
	e.compare(ctx)
	if e.names = e.dependsOn(ctx); len(e.names) > 0 {
		return
	}
	best := 1
	for _, c := range all {
		best = max(best, likeness(c))
	}
	for _, c := range all {
		if name := unsigned(c.Name); likeness(c) == best && !slices.Contains(e.names, name) {
			e.names = append(e.names, name)
		}
	}
}

// isSession reports whether a cookie carries the session. Its signature belongs to it.
func (e *examination) isSession(c cookie) bool {
	return slices.Contains(e.names, c.Name) || slices.Contains(e.names, unsigned(c.Name))
}

// called is the session in words.
func (e *examination) called() string { return clean(strings.Join(e.names, " and ")) }

// received returns all cookies that the answers set, without those that delete one.
func (e *examination) received() []cookie {
	var all []cookie
	for _, t := range e.trips {
		all = append(all, slices.DeleteFunc(slices.Clone(t.received), cookie.deletes)...)
	}
	return all
}

// last returns the last trip of a step, or nil.
func (e *examination) last(step string) *trip {
	for _, t := range slices.Backward(e.trips) {
		if t.step == step {
			return t
		}
	}
	return nil
}

// login returns the trip of post that succeeded, else the last one, or nil: a second login is often refused.
func (e *examination) login() *trip {
	for _, t := range e.trips {
		if t.step == "post" && t.ok() {
			return t
		}
	}
	return e.last("post")
}

// compare asks for check as a visitor without cookies, if it was asked for with some.
func (e *examination) compare(ctx context.Context) {
	known := e.last("check")
	if known == nil || len(known.sent) == 0 {
		return
	}
	nobody, err := e.travel(ctx, &jar{}, "check without cookies", known.method, e.check, nil)
	if err == nil {
		e.nobody = nobody
	}
}

// dependsOn returns the cookies without which check answers with the status that it has without any, and, if there are
// none, those without which it answers otherwise than with all.
func (e *examination) dependsOn(ctx context.Context) []string {
	if e.nobody == nil || !e.differs(e.nobody) {
		return nil
	}
	var candidates, names, others []string
	for _, c := range e.last("check").sent {
		if name := unsigned(c.Name); !slices.Contains(candidates, name) && len(candidates) < maxCandidates {
			candidates = append(candidates, name)
		}
	}
	if len(candidates) == 1 {
		return candidates
	}
	for _, name := range candidates {
		t, err := e.travel(ctx, e.jar.without(name), "check without "+name, http.MethodGet, e.check, nil)
		switch {
		case err != nil || !e.differs(t):
		case t.answer().status == e.nobody.answer().status:
			names = append(names, name)
		default: // a language, perhaps
			others = append(others, name)
		}
	}
	if len(names) == 0 {
		return others
	}
	return names
}

// differs reports whether check answered otherwise with the cookies than on another trip. What changes with each answer
// (times, ids, tokens) is not a difference.
func (e *examination) differs(other *trip) bool {
	var with []*answer
	for _, t := range e.trips {
		if t.step == "check" && len(t.sent) > 0 {
			with = append(with, t.answer())
		}
	}
	last, nobody := with[len(with)-1], other.answer()
	switch {
	case failed(last) || failed(nobody):
		return false
	case last.status != nobody.status:
		return true
	case bytes.Equal(last.body, nobody.body):
		return false
	case len(with) > 1 && bytes.Equal(with[0].body, last.body):
		return true
	}
	return !bytes.Equal(changing.ReplaceAll(last.body, []byte("*")), changing.ReplaceAll(nobody.body, []byte("*")))
}

// failed reports whether an answer says nothing about who asks.
func failed(a *answer) bool { return a.status == http.StatusTooManyRequests || a.status >= 500 }

// changing are the parts of an answer that say nothing about who asks: numbers and long words of letters and digits.
var changing = regexp.MustCompile(`[A-Za-z0-9_+/=-]{16,}|[0-9]+`)
