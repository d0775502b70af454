package doctor

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// sessionNames are the names under which frameworks keep the session, in lower case and without a __Host- or __Secure-
// prefix, as patterns of [path.Match].
var sessionNames = []string{
	"sid", "sess", "session", // common choices; Spring Session, Flask and cookie-session
	"connect.sid", "express:sess", "koa.sess", "koa:sess", // Express and Koa
	"*_session", "*-session", // Laravel and Rails after the application's name, CodeIgniter
	"sessionid",                                    // Django
	"jsessionid", "phpsessid", "asp.net_sessionid", // servlets, PHP, ASP.NET
	".aspnetcore.session", ".aspnetcore.cookies", ".aspnetcore.identity.*", ".aspxauth",
	"_*_key",                    // Phoenix after the application's name
	"session-name", "mysession", // gorilla and gin as their documentation names it
	"rack.session", "*.session-token", "*.session_token", // Sinatra, Auth.js, Better Auth
}

// sessionWords are in the names of most other sessions.
var sessionWords = []string{"sess", "sid", "auth", "token", "jwt", "login"}

// forgeryWords are in the names of anti-forgery tokens, which are not sessions and which scripts must often read:
// XSRF-TOKEN (Laravel, Spring, Angular, axios), csrftoken (Django), _csrf (Express, Spring), _csrf_token,
// _gorilla_csrf, .AspNetCore.Antiforgery.*, __RequestVerificationToken (ASP.NET).
var forgeryWords = []string{"csrf", "xsrf", "antiforgery", "requestverificationtoken", "authenticity_token"}

// foreignNames are of load balancers, analytics and settings.
var foreignNames = []string{
	"awsalb*", "awselb*", "arraffinity*", "serverid", "route", "ingresscookie", "__cf_bm", "cf_*", "_cfuvid",
	"_ga*", "_gid", "_fbp", "lang", "language", "locale", "i18n*", "theme",
}

// tokenHeaders are the request headers in which front ends send the value of an anti-forgery cookie.
var tokenHeaders = map[string]string{
	"xsrf-token": "X-Xsrf-Token", "csrftoken": "X-Csrftoken",
	"csrf_token": "X-Csrf-Token", "csrf-token": "X-Csrf-Token",
	"_csrf": "X-Csrf-Token", "_csrf_token": "X-Csrf-Token",
}

// bareName is a cookie's name in lower case, without prefix and without the ending of a signature.
func bareName(name string) string {
	return strings.ToLower(unsigned(name[len(policy.PrefixOf(name)):]))
}

func isForgeryToken(name string) bool { return containsAny(bareName(name), forgeryWords) }

func containsAny(name string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(name, word) })
}

func matchesAny(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matched, _ := path.Match(pattern, name)
		return matched
	})
}

// likeness is how much a cookie looks like the session: 0 for not at all.
func likeness(c cookie) int {
	name := bareName(c.Name)
	switch {
	case isForgeryToken(name), matchesAny(name, foreignNames):
		return 0
	case matchesAny(name, sessionNames), containsAny(name, sessionWords):
		return 3
	case c.HttpOnly:
		return 2
	}
	return 1
}

// tokenHeader returns the header in which a front end sends an anti-forgery cookie's value, or "".
func tokenHeader(c cookie) (name, value string) {
	value, err := url.PathUnescape(c.Value)
	if err != nil {
		value = c.Value
	}
	return tokenHeaders[bareName(c.Name)], value
}
