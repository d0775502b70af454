package generator

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// ParseDuration reads a maxAge: a Go duration (30m, 24h), whole days (7d),
// koa-session's milliseconds (86400000) or the word session, which is
// [BrowserSession]. Negative, zero and fractional-millisecond values are
// parsed as they stand; [Options.Validate] judges them.
func ParseDuration(s string) (time.Duration, error) {
	if s == "session" {
		return BrowserSession, nil
	}
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		if limit := int64(100 * 365 * day / time.Millisecond); ms > limit || ms < -limit {
			return 0, fmt.Errorf("%q is more than a hundred years of milliseconds", s)
		}
		return time.Duration(ms) * time.Millisecond, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseInt(days, 10, 32)
		if err != nil || n > 36500 || n < -36500 {
			return 0, fmt.Errorf("%q is not a number of days", s)
		}
		return time.Duration(n) * day, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	if d == BrowserSession { // -1ns, which nobody means
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	return d, nil
}

// FormatDuration is the shortest text that [ParseDuration] reads back: the
// largest unit that divides d.
func FormatDuration(d time.Duration) string {
	switch d {
	case BrowserSession:
		return "session"
	case 0:
		return "0"
	}
	for _, u := range []struct {
		size time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if d != 0 && d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + u.name
		}
	}
	return d.String()
}

// durationLiteral is d as a Go expression that a reader can check at a glance.
func durationLiteral(d time.Duration) string {
	switch d {
	case BrowserSession:
		return "-1"
	case 0:
		return "0"
	}
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "time.Hour"}, {time.Minute, "time.Minute"}, {time.Second, "time.Second"}, {time.Millisecond, "time.Millisecond"}} {
		if d%u.size == 0 {
			return fmt.Sprintf("%d * %s", d/u.size, u.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}
