package options

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// BrowserSession is the MaxAge of a session that ends with the browser
// (koa-session's maxAge: 'session').
const BrowserSession time.Duration = -1

// units of durations, the largest first, as options write them, as sentences
// do and as Go does.
var units = []struct {
	size               time.Duration
	suffix, word, inGo string
}{
	{day, "d", "day", ""},
	{time.Hour, "h", "hour", "time.Hour"},
	{time.Minute, "m", "minute", "time.Minute"},
	{time.Second, "s", "second", "time.Second"},
	{time.Millisecond, "ms", "", "time.Millisecond"},
}

// errTooLong is that of a duration of more than a hundred years or so.
var errTooLong = errors.New("out of range")

var plainDuration = regexp.MustCompile(`^\d+(h|m|s|ms)$`)

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
			return 0, errTooLong
		}
		return time.Duration(ms) * time.Millisecond, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseInt(days, 10, 32)
		if n > 36500 || n < -36500 || errors.Is(err, strconv.ErrRange) {
			return 0, errTooLong
		}
		if err != nil {
			return 0, fmt.Errorf("%q is not a number of days", s)
		}
		return time.Duration(n) * day, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil && plainDuration.MatchString(s) {
		return 0, errTooLong
	}
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	if d == BrowserSession { // -1ns, which nobody means
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	return d, nil
}

// FormatDuration is a text that [ParseDuration] reads back, in the largest unit
// that divides d.
func FormatDuration(d time.Duration) string {
	switch d {
	case BrowserSession:
		return "session"
	case 0:
		return "0"
	}
	for _, u := range units {
		if d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + u.suffix
		}
	}
	return d.String()
}

// DurationWords is d as a person says it, in the largest unit that divides it.
func DurationWords(d time.Duration) string {
	if d == BrowserSession {
		return "until the browser closes"
	}
	for _, u := range units {
		if d < u.size || d%u.size != 0 || u.word == "" {
			continue
		}
		if d == u.size {
			return "1 " + u.word
		}
		return fmt.Sprintf("%d %ss", d/u.size, u.word)
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
	for _, u := range units {
		if u.inGo != "" && d%u.size == 0 {
			return fmt.Sprintf("%d * %s", d/u.size, u.inGo)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}
