package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// requestDifferences lists every way in which answers to the same request may differ. what is the header or property;
// when reports whether the row covers a pair of answers. What differs must be covered by a row, and each row must be
// met: a row that never matches is a claim that nobody checks.
var requestDifferences = []struct {
	name, reason string
	what         string
	when         func(k kase) bool
}{
	{"the whole lists for every method and header",
		"the oracle compares and refuses with an empty answer; we send the lists and the browser compares, which " +
			"costs the same for any request and makes the browser name what is not allowed",
		"status", func(k kase) bool {
			return k.preflight() && k.listed() && k.ours.status == 204 && k.oracle.status == 403 && !k.browserish()
		}},
	{"the same for honest preflights that ask too much", "as above; the browser's verdict is the same",
		"status", func(k kase) bool {
			return k.preflight() && k.listed() && k.ours.status == 204 && k.oracle.status == 403 && k.browserish()
		}},
	{"origin and credentials on preflights that ask too much", "follows from sending the lists",
		"Access-Control-Allow-Origin Access-Control-Allow-Credentials Access-Control-Max-Age", func(k kase) bool {
			return k.preflight() && k.listed() && k.oracle.status == 403
		}},
	{"methods and headers", "the oracle names the one method and echoes the headers asked for, we send the lists",
		"Access-Control-Allow-Methods Access-Control-Allow-Headers",
		func(k kase) bool { return k.preflight() && k.listed() }},
	{"Vary of preflights", "our answer depends on Origin and on whether Access-Control-Request-Method is there, " +
		"never on Access-Control-Request-Headers",
		"Vary", func(k kase) bool { return k.method == "OPTIONS" }},
	{"two Origin headers", "the oracle takes the first; no browser sends two, so we believe neither",
		"status Access-Control-Allow-Origin Access-Control-Allow-Credentials Access-Control-Allow-Methods " +
			"Access-Control-Allow-Headers Access-Control-Max-Age Access-Control-Expose-Headers",
		func(k kase) bool { return len(k.origins) > 1 }},
	{"exposed headers that browsers show anyhow", "the oracle leaves them out; sending them changes nothing",
		"Access-Control-Expose-Headers", func(k kase) bool {
			return slices.Contains(lower(k.config.exposed),
				"content-type")
		}},
	{"words for a refused preflight", "the oracle's refusal has no body; ours shows the developer which " +
		"origin is missing",
		"Content-Type X-Content-Type-Options body", func(k kase) bool { return k.preflight() && k.ours.status == 403 }},
}

// kase is one request with both answers.
type kase struct {
	config       config
	method       string
	origins      []string // values of Origin
	wanted       []string // values of Access-Control-Request-Method
	unsafe       []string // values of Access-Control-Request-Headers
	ours, oracle answer
	bodies       [2]string
}

func (k kase) preflight() bool {
	return k.method == "OPTIONS" && len(k.origins) > 0 && len(k.wanted) > 0
}
func (k kase) listed() bool {
	return len(k.origins) == 1 && slices.Contains(k.config.origins, k.origins[0])
}

// browserish reports whether a browser could send these preflight headers: lower case, sorted, no spaces, each once.
func (k kase) browserish() bool {
	if len(k.unsafe) > 1 || len(k.wanted) != 1 || len(k.origins) != 1 {
		return false
	}
	if len(k.unsafe) == 0 {
		return true
	}
	names := strings.Split(k.unsafe[0], ",")
	return k.unsafe[0] == strings.ToLower(k.unsafe[0]) && slices.IsSorted(names) &&
		len(slices.Compact(slices.Clone(names))) == len(names) &&
		!strings.Contains(k.unsafe[0], " ") && !slices.Contains(names, "")
}

func (k kase) String() string {
	return fmt.Sprintf("%s, Origin %q, method %q, headers %q under %+v:\n ours   %+v\n oracle %+v", k.method,
		k.origins, k.wanted, k.unsafe, k.config, k.ours, k.oracle)
}

func lower(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, strings.ToLower(s))
	}
	return out
}

func randomRequest(r *rand.Rand, c config) kase {
	k := kase{config: c}
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	k.method = one("GET", "POST", "PUT", "DELETE", "OPTIONS", "OPTIONS", "OPTIONS", "OPTIONS", "HEAD")
	origin := func() string {
		if len(c.origins) > 0 && r.IntN(3) > 0 {
			return one(c.origins...)
		}
		return one(append(append([]string{"https://evil.example", "https://app.example.com.evil.example",
			"https://x.app.example.com", "", "null ", "\x00"}, goodOrigins...), oddOrigins...)...)
	}
	switch r.IntN(12) {
	case 0:
	case 1:
		k.origins = []string{origin(), origin()}
	default:
		k.origins = []string{origin()}
	}
	if k.method == "OPTIONS" && r.IntN(8) > 0 {
		k.wanted = []string{one(append(append([]string{"", "TRACE"}, goodMethods...), oddMethods...)...)}
	}
	if r.IntN(2) > 0 {
		names := lower(pick(r, 3, append([]string{"x-other"}, goodHeaders...),
			[]string{"*", " x-trace", "X-Trace", ""}, 0.1))
		if r.IntN(5) > 0 {
			slices.Sort(names)
			names = slices.Compact(names)
		}
		if len(names) > 0 {
			k.unsafe = []string{strings.Join(names, one(",", ",", ",", ", "))}
		}
	}
	return k
}

func (k *kase) run(t *testing.T) {
	t.Helper()
	ours, err := k.config.ours()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := k.config.oracle()
	if err != nil {
		t.Fatal(err)
	}
	for i, wrap := range []func(http.Handler) http.Handler{ours.Wrap, theirs.Wrap} {
		a := answer{}
		next := http.HandlerFunc(func(w http.ResponseWriter,
			r *http.Request) {
			a.reached = true
			w.WriteHeader(http.StatusTeapot)
		})
		r := &http.Request{Method: k.method, URL: &url.URL{Path: "/"}, Header: http.Header{}}
		for name, v := range map[string][]string{"Origin": k.origins, "Access-Control-Request-Method": k.wanted,
			"Access-Control-Request-Headers": k.unsafe} {
			if v != nil {
				r.Header[name] = v
			}
		}
		w := httptest.NewRecorder()
		wrap(next).ServeHTTP(w, r)
		a.status, a.header = w.Code, w.Header()
		if i == 0 {
			k.ours = a
		} else {
			k.oracle = a
		}
		k.bodies[i] = w.Body.String()
	}
}

// differences names the headers and properties in which the answers differ.
func (k kase) differences() []string {
	var list []string
	for name := range k.ours.header {
		if !slices.Equal(values(k.ours.header, name), values(k.oracle.header, name)) {
			list = append(list, name)
		}
	}
	for name := range k.oracle.header {
		if _, ok := k.ours.header[name]; !ok {
			list = append(list, name)
		}
	}
	if k.ours.status != k.oracle.status {
		list = append(list, "status")
	}
	if k.ours.reached != k.oracle.reached {
		list = append(list, "reached")
	}
	if k.bodies[0] != k.bodies[1] {
		list = append(list, "body")
	}
	return list
}

func TestRequests(t *testing.T) {
	met := make([]int, len(requestDifferences))
	r := rand.New(rand.NewPCG(3, 4))
	preflights, passed := 0, 0
	for n := 0; n < 40000; {
		c := randomConfig(r, 0)
		if len(c.origins) == 0 {
			continue // the oracle refuses it, see configDifferences
		}
		for range 10 {
			n++
			k := randomRequest(r, c)
			k.run(t)
			for _, what := range k.differences() {
				covered := false
				for i, d := range requestDifferences {
					if slices.Contains(strings.Fields(d.what), what) && d.when(k) {
						met[i]++
						covered = true
					}
				}
				if !covered {
					t.Fatalf("%s differs without a reason: %s", what, k)
				}
			}
			if len(k.origins) != 1 {
				continue
			}
			origin := k.origins[0]
			// What a browser makes of the answers is the same, whatever the headers look like.
			if k.preflight() && k.browserish() {
				preflights++
				var unsafe []string
				if len(k.unsafe) > 0 {
					unsafe = strings.Split(k.unsafe[0], ",")
				}
				a, b := k.ours.preflightPasses(origin, k.wanted[0], unsafe), k.oracle.preflightPasses(origin,
					k.wanted[0], unsafe)
				if a != b {
					t.Fatalf("a browser passes ours %t, the oracle's %t: %s", a, b, k)
				}
				if a {
					passed++
					if k.ours.keepsFor() != k.oracle.keepsFor() {
						t.Fatalf("a browser remembers ours %s s, the oracle's %s s: %s", k.ours.keepsFor(),
							k.oracle.keepsFor(), k)
					}
				}
			}
			if !k.preflight() && !(k.ours.passes(origin) == k.oracle.passes(origin) &&
				slices.Equal(k.ours.readable(origin), k.oracle.readable(origin))) {
				t.Fatalf("a browser reads different things: %s", k)
			}
		}
	}
	t.Logf("browser-like preflights: %d, of them passed %d", preflights, passed)
	if passed < 1000 || preflights-passed < 1000 {
		t.Errorf("too few: %d preflights, %d passed", preflights, passed)
	}
	for i, d := range requestDifferences {
		t.Logf("%6d times: %s", met[i], d.name)
		if met[i] == 0 || d.reason == "" {
			t.Errorf("the difference %q is never met", d.name)
		}
	}
}
