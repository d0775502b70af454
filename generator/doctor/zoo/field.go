package zoo

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/doctor"
)

// Login is what accounts want to see before they let somebody in.
const Login = `{"user":"ann"}`

// accounts is a service as most are: there is no session before a login, and /me names who is logged in. Its fields
// turn it into the set-ups that people report.
type accounts struct {
	set          func(session string) []string // Set-Cookie lines of a login; default: one, for class A on plain http
	name         string                        // of the session cookie, default "sid"
	redirect     map[string]string             // of paths to others
	bearer       bool                          // a token in the body instead of a cookie
	every        []string                      // Set-Cookie lines of every answer
	options      string                        // Set-Cookie of preflights
	headers      string                        // Access-Control-Allow-Headers, default "content-type"
	checkHeaders string                        // the same for /me, default headers
	me           func(user string) string      // the answer of /me
	program      string                        // Server
	clears       bool                          // errors delete the cookie
	plain        bool                          // errors have no CORS headers
	broken       int                           // status of /me for strangers

	mu       sync.Mutex
	sessions map[string]string
}

// at returns the service's handler for a page.
func (s *accounts) at(page string) http.Handler {
	s.sessions = map[string]string{}
	if s.name == "" {
		s.name = "sid"
	}
	if s.set == nil {
		s.set = func(session string) []string {
			return []string{s.name + "=" + session + "; Path=/; HttpOnly; SameSite=Lax"}
		}
	}
	if s.headers == "" {
		s.headers = "content-type"
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /code", func(w http.ResponseWriter, r *http.Request) { answer(w, http.StatusOK, "") })
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("GET /me", s.whose)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Add("Vary", "Origin")
		if s.program != "" {
			h.Set("Server", s.program)
		}
		if r.Header.Get("Origin") == page {
			h.Set("Access-Control-Allow-Origin", page)
			h.Set("Access-Control-Allow-Credentials", "true")
		}
		w = &failing{ResponseWriter: w, service: s}
		if r.Method == http.MethodOptions {
			h.Set("Access-Control-Allow-Headers", s.headers)
			if s.checkHeaders != "" && r.URL.Path == "/me" {
				h.Set("Access-Control-Allow-Headers", s.checkHeaders)
			}
			if s.options != "" {
				h.Set("Set-Cookie", s.options)
			}
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h["Set-Cookie"] = append(h["Set-Cookie"], s.every...)
		if to := s.redirect[r.URL.Path]; to != "" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *accounts) login(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if string(body) != Login {
		answer(w, http.StatusUnauthorized, "")
		return
	}
	session := strings.ToLower(rand.Text())
	s.mu.Lock()
	s.sessions[session] = "ann"
	s.mu.Unlock()
	if s.bearer {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]string{"session": "ann", "token": session})
		return
	}
	for _, line := range s.set(session) {
		w.Header().Add("Set-Cookie", line)
	}
	answer(w, http.StatusOK, "ann")
}

func (s *accounts) whose(w http.ResponseWriter, r *http.Request) {
	session := cookieValue(r, s.name)
	if s.bearer {
		session = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	s.mu.Lock()
	user := s.sessions[session]
	s.mu.Unlock()
	switch {
	case s.me != nil:
		io.WriteString(w, s.me(user))
	case user == "" && s.broken != 0:
		answer(w, s.broken, "")
	case user == "":
		answer(w, http.StatusUnauthorized, "")
	default:
		answer(w, http.StatusOK, user)
	}
}

// failing changes the headers of errors.
type failing struct {
	http.ResponseWriter
	service *accounts
}

func (f *failing) WriteHeader(status int) {
	if status >= 400 && f.service.clears {
		f.Header().Add("Set-Cookie", f.service.name+"=; Path=/; Max-Age=0")
	}
	if status >= 400 && f.service.plain {
		f.Header().Del("Access-Control-Allow-Origin")
	}
	f.ResponseWriter.WriteHeader(status)
}

// asAnn logs in.
func asAnn(o *doctor.Options) {
	o.Get, o.Post, o.Check, o.Body = doctor.DefaultGet, doctor.DefaultPost, doctor.DefaultCheck, Login
}

// steps names the steps, without those that are empty.
func steps(get, post, check, body string) func(*doctor.Options) {
	return func(o *doctor.Options) { o.Get, o.Post, o.Check, o.Body = get, post, check, body }
}

// field are set-ups that people report, each with what the doctor has to say.
func field() []Specimen {
	one := func(name string, verdict doctor.Verdict, codes []string, s *accounts, o func(*doctor.Options)) Specimen {
		return Specimen{Name: name, Page: pageLocal, API: apiLocal, Verdict: verdict, Codes: codes,
			service: s.at(pageLocal),
			Options: o}
	}
	https := func(name string, verdict doctor.Verdict, codes []string, s *accounts, o func(*doctor.Options)) Specimen {
		return Specimen{Name: name, Page: pageHTTPS, API: apiHTTPS, Verdict: verdict, Codes: codes,
			service: s.at(pageHTTPS), Options: o}
	}
	fixed := func(lines ...string) func(string) []string {
		return func(session string) []string {
			var out []string
			for _, line := range lines {
				out = append(out, strings.ReplaceAll(line, "{id}", session))
			}
			return out
		}
	}
	const lax = "; Path=/; HttpOnly; SameSite=Lax"
	notSeen := []string{"not-seen"}
	list := []Specimen{
		one("login: all steps", doctor.Works, nil, &accounts{}, asAnn),
		one("login: get left out", doctor.Works, nil, &accounts{}, steps("", "/login", "/me", Login)),
		one("login: without the body it needs", doctor.NotSeen, notSeen, &accounts{}, nil),
		one("login: get left out, without the body", doctor.NotSeen, notSeen, &accounts{}, steps("", "/login", "/me",
			"")),
		one("login: check alone", doctor.NotSeen, notSeen, &accounts{}, steps("", "", "/me", "")),
		one("login: get and check", doctor.NotSeen, notSeen, &accounts{}, steps("/code", "", "/me", "")),
		one("login: paths that do not exist", doctor.NotSeen, notSeen, &accounts{}, steps("/a", "/b", "/c", Login)),
		one("login: succeeds without a cookie", doctor.CannotWork, []string{"no-set-cookie"},
			&accounts{set: fixed()}, asAnn),
		unjudged("has no view of its own", one("login: no check", doctor.NotSeen, notSeen, &accounts{},
			steps("", "/login", "", Login))),
		unjudged("cannot know either", one("login: check is the same for everybody", doctor.NotSeen, notSeen,
			&accounts{me: func(string) string { return `{"session":"ann"}` }}, asAnn)),
		one("login: check differs in its body only", doctor.Works, nil, &accounts{me: func(user string) string {
			return fmt.Sprintf(`{"session":%q,"request":%q}`, user, rand.Text())
		}}, asAnn),
		one("login: check differs in a number that stays", doctor.Works, nil, &accounts{me: func(user string) string {
			return fmt.Sprintf(`{"session":"ann","unread":%d}`, len(user))
		}}, asAnn),
		unjudged("cannot know either", one("login: check is the same but for its numbers", doctor.NotSeen,
			notSeen,
			&accounts{me: func(user string) string {
				return fmt.Sprintf(`{"session":"ann","request":%q}`,
					rand.Text())
			}},
			asAnn)),

		unjudged("takes the name of the cookie from the service", one("another cookie named than the service sets",
			doctor.NotSeen, notSeen, &accounts{}, func(o *doctor.Options) { asAnn(o); o.Cookie = "session" })),
		one("errors delete the cookie", doctor.Works, nil, &accounts{clears: true}, asAnn),
		one("errors delete the cookie, and nobody logs in", doctor.NotSeen, notSeen, &accounts{clears: true}, nil),
		one("errors delete the cookie, check alone", doctor.NotSeen, notSeen, &accounts{clears: true},
			steps("", "", "/me", "")),
		one("errors have no CORS headers, and the page sees none", doctor.WorksExcept, []string{"error-without-cors"},
			&accounts{plain: true}, steps("", "/login", "/me", Login)),
		unjudged("shows one page only", one("errors have no CORS headers, and the page sees one", doctor.WorksExcept,
			[]string{"error-without-cors"}, &accounts{plain: true}, steps("/nowhere", "/login", "/me", Login))),
		one("strangers see an error of the server", doctor.NotSeen, notSeen, &accounts{broken: 500}, nil),
		one("strangers are too many", doctor.NotSeen, notSeen, &accounts{broken: 429}, nil),
		one("the right cookie named", doctor.Works, nil, &accounts{every: []string{"theme=dark; Path=/"}},
			func(o *doctor.Options) { asAnn(o); o.Cookie = "sid" }),

		one("__Host- with Path", doctor.WorksExcept, []string{"secure-on-localhost"}, &accounts{name: "__Host-sid",
			set: fixed("__Host-sid={id}; Path=/; Secure; HttpOnly; SameSite=Lax")}, asAnn),
		https("__Host- without Path", doctor.CannotWork, []string{"cookie-prefix"}, &accounts{name: "__Host-sid",
			set: fixed("__Host-sid={id}; Secure; HttpOnly; SameSite=Lax")}, asAnn),

		https("a proxy that the service does not trust", doctor.CannotWork, []string{"no-set-cookie"},
			&accounts{set: fixed()}, asAnn),

		https("an error of the server behind nginx", doctor.CannotWork, []string{"no-set-cookie"},
			&accounts{program: "nginx/1.22.1", broken: 500}, steps("/me", "/login", "/me", "")),

		one("a login that expires its own cookie", doctor.CannotWork, []string{"cookie-expired"},
			&accounts{set: fixed("sid={id}; Max-Age=0" + lax)}, asAnn),
		one("a login that expires the cookie of a visitor", doctor.CannotWork, []string{"cookie-expired"},
			&accounts{every: []string{"sid=visitor" + lax},
				set: fixed("sid={id}; Expires=Thu, 01 Jan 2015 00:00:00 GMT" + lax)}, asAnn),
		one("a login that clears a cookie of an older name", doctor.Works, nil,
			&accounts{set: fixed("session=; Max-Age=0"+lax, "sid={id}"+lax)}, asAnn),

		one("a second cookie with another Path", doctor.CannotWork, []string{"cookie-path", "duplicate-cookie"},
			&accounts{every: []string{"sid=visitor" + lax},
				set: fixed("sid={id}; Path=/login; HttpOnly; SameSite=Lax")}, asAnn),
		one("a second cookie with another Path, which wins", doctor.WorksExcept, []string{"duplicate-cookie"},
			&accounts{set: fixed("sid=old"+lax, "sid={id}; Path=/me; HttpOnly; SameSite=Lax")}, asAnn),

		one("two cookies in one header, the session first", doctor.WorksExcept, []string{"cookie-folded"},
			&accounts{set: fixed("sid={id}; HttpOnly; SameSite=Lax; Path=/, theme=dark; Path=/")}, asAnn),
		one("two cookies in one header, the session second", doctor.CannotWork, []string{"cookie-folded"},
			&accounts{set: fixed("theme=dark; Path=/, sid={id}; Path=/; HttpOnly; SameSite=Lax")}, asAnn),
		one("a cookie on preflights only", doctor.CannotWork, []string{"cookie-on-preflight"},
			&accounts{options: "sid=visitor" + lax, set: fixed()}, asAnn),
		unjudged("works in a browser, without a session in a cookie", one("a token instead of a cookie", doctor.NotSeen,
			[]string{"bearer-token"}, &accounts{bearer: true, headers: "authorization,content-type"}, asAnn)),
		one("a token instead of a cookie that preflights do not allow", doctor.CannotWork,
			[]string{"preflight-headers", "bearer-token"}, &accounts{bearer: true}, asAnn),

		one("X-Requested-With, allowed", doctor.Works, nil, &accounts{headers: "content-type, x-requested-with"},
			func(o *doctor.Options) { asAnn(o); o.Headers = http.Header{"X-Requested-With": {"fetch"}} }),
		one("X-Requested-With, not allowed at the checked path", doctor.CannotWork, []string{"preflight-headers"},
			&accounts{headers: "content-type, x-requested-with",
				checkHeaders: "content-type"}, func(o *doctor.Options) {
				asAnn(o)
				o.Headers = http.Header{"X-Requested-With": {"fetch"}}
			}),

		one("redirects within the service", doctor.Works, nil,
			&accounts{redirect: map[string]string{"/code/": "/code", "/user": "/me"}}, steps("/code/", "/login",
				"/user", Login)),
		one("redirects to another origin", doctor.CannotWork, []string{"redirect"},
			&accounts{redirect: map[string]string{"/user": "http://localhost:9999/me"}}, steps("", "/login", "/user",
				Login)),
		one("redirects to the page", doctor.CannotWork, []string{"redirect"},
			&accounts{redirect: map[string]string{"/user": "http://localhost:5173/"}}, steps("", "/login", "/user",
				Login)),
		one("redirects to a login of somebody else", doctor.CannotWork, []string{"redirect"},
			&accounts{redirect: map[string]string{"/user": "https://login.elsewhere.test/"}}, steps("", "/login",
				"/user", Login)),
		one("redirects in a circle", doctor.CannotWork, []string{"redirect"},
			&accounts{redirect: map[string]string{"/a": "/b", "/b": "/a"}}, steps("/a", "/login", "/me", Login)),
		https("redirects to plain http, as behind a proxy", doctor.CannotWork, []string{"redirect"},
			&accounts{redirect: map[string]string{"/user": "http://api.site.test/me"}, set: fixed("sid={id}; Secure" +
				lax)},
			steps("", "/login", "/user", Login)),

		https("SameSite=None without Secure on one site", doctor.CannotWork, []string{"none-without-secure"},
			&accounts{set: fixed("sid={id}; Path=/; HttpOnly; SameSite=None")}, asAnn),
	}
	return slices.Concat(list, frameworks(), policies())
}

// policies are Content-Security-Policies of the page.
func policies() []Specimen {
	var list []Specimen
	for _, tt := range []struct {
		name, sources string
		allows        bool
	}{
		{"each path", "https://api.site.test/code https://api.site.test/login https://api.site.test/me", true},
		{"all paths but that of check", "https://api.site.test/code https://api.site.test/login", false},
		{"a path without a slash, which is only itself", "https://api.site.test/m https://api.site.test/code", false},
		{"a path with a slash", "https://api.site.test/", true},
		{"a path in another case", "https://api.site.test/CODE https://api.site.test/login https://api.site.test/me",
			false},
		{"any port", "https://api.site.test:*", true},
		{"the standard port", "https://api.site.test:443", true},
		{"the port of http", "http://api.site.test:80", true},
		{"another port", "https://api.site.test:8443", false},
		{"no scheme", "api.site.test", true},
		{"no scheme, another port", "api.site.test:8443", false},
	} {
		s := Specimen{Name: "policy: " + tt.name, Page: pageHTTPS, API: apiHTTPS, Verdict: doctor.Works,
			service: (&service{attributes: attributesHTTPS}).at(pageHTTPS)}
		if !tt.allows {
			s.Verdict, s.Codes = doctor.CannotWork, []string{"csp"}
		}
		list = append(list, csp(s, "default-src 'self'; script-src 'unsafe-inline'; connect-src "+tt.sources))
	}
	address := Specimen{Name: "policy: an IPv6 address, which its grammar does not have", Page: "http://[::1]:5173",
		API: "http://[::1]:8080", Verdict: doctor.CannotWork, Codes: []string{"csp"},
		service: (&service{}).at("http://[::1]:5173")}
	ports := local("policy: a port of localhost", nil, &service{})
	ports.Verdict = doctor.Works
	return append(list, csp(address, "script-src 'unsafe-inline'; connect-src http://[::1]:8080"),
		csp(ports, "script-src 'unsafe-inline'; connect-src http://localhost:8080"))
}

// frameworks are the pairs of session and anti-forgery cookie that frameworks set. The token is in a cookie for
// scripts, is new with each answer, and is wanted in a header of each request that changes something.
func frameworks() []Specimen {
	type pair struct {
		session, forgery, header string
		status                   int
	}
	pairs := map[string]pair{
		"Laravel": {"laravel_session", "XSRF-TOKEN", "X-XSRF-TOKEN", 419},
		"Django":  {"sessionid", "csrftoken", "X-CSRFToken", 403},
		"Spring":  {"JSESSIONID", "XSRF-TOKEN", "X-XSRF-TOKEN", 403},
		"Phoenix": {"_shop_key", "_csrf_token", "X-CSRF-Token", 403},
	}
	var list []Specimen
	for framework, p := range pairs {
		add := func(name, attributes, forgery string, verdict doctor.Verdict, codes ...string) {
			s := &forgeryGuard{pair: p.forgery, header: p.header, status: p.status, attributes: forgery,
				accounts: accounts{name: p.session, headers: "content-type," + strings.ToLower(p.header),
					set: func(session string) []string { return []string{p.session + "=" + session + attributes} }}}
			list = append(list, Specimen{Name: framework + ": " + name, Page: pageHTTPS, API: apiHTTPS,
				Verdict: verdict,
				Codes:   codes, service: s.at(pageHTTPS), Options: asAnn, Token: p.forgery + ":" + p.header})
		}
		const readable = "; Path=/; Domain=site.test; Secure; SameSite=Lax"
		add("healthy", attributesHTTPS, readable, doctor.Works)
		add("a fault of the session cookie", "; Path=/; HttpOnly; SameSite=None", readable, doctor.CannotWork,
			"none-without-secure")
		add("a token that the page cannot read", attributesHTTPS, "; Path=/; Secure; SameSite=Lax", doctor.CannotWork,
			"csrf-unreadable")
		add("a token that no script can read", attributesHTTPS, readable+"; HttpOnly", doctor.CannotWork,
			"csrf-unreadable")
	}
	token := &forgeryGuard{pair: "XSRF-TOKEN", header: "X-XSRF-TOKEN", status: 419,
		attributes: "; Path=/; SameSite=Lax",
		accounts:   accounts{headers: "content-type,x-xsrf-token"}}
	return append(list,
		Specimen{Name: "nothing but an anti-forgery token", Page: pageLocal, API: apiLocal, Verdict: doctor.NotSeen,
			Codes: []string{"not-seen"}, service: token.at(pageLocal)},
		Specimen{Name: "a session by no known name", Page: pageLocal, API: apiLocal, Verdict: doctor.WorksExcept,
			Codes: []string{"samesite-unset"}, Options: asAnn,
			service: (&accounts{name: "b", every: []string{"a=1; Path=/; HttpOnly"},
				set: func(id string) []string { return []string{"b=" + id + "; Path=/; HttpOnly"} }}).at(pageLocal)},
		Specimen{Name: "a name like a session's, and the session", Page: pageLocal, API: apiLocal,
			Verdict: doctor.Works,
			Options: asAnn, service: (&accounts{name: "b", every: []string{"consider=1; Path=/"},
				set: func(id string) []string {
					return []string{"b=" + id +
						"; Path=/; HttpOnly; SameSite=Lax"}
				}}).at(pageLocal)},
	)
}

// forgeryGuard wants the anti-forgery token before a POST reaches the accounts.
type forgeryGuard struct {
	accounts
	pair, header, attributes string
	status                   int
}

func (s *forgeryGuard) at(page string) http.Handler {
	inner := s.accounts.at(page)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			inner.ServeHTTP(w, r)
			return
		}
		token, _ := url.PathUnescape(cookieValue(r, s.pair))
		w.Header().Add("Set-Cookie", s.pair+"="+url.PathEscape(rand.Text()+"=")+s.attributes)
		if r.Method == http.MethodPost && (token == "" || r.Header.Get(s.header) != token) {
			w.Header().Set("Access-Control-Allow-Origin", page)
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Vary", "Origin")
			answer(w, s.status, "")
			return
		}
		inner.ServeHTTP(w, r)
	})
}
