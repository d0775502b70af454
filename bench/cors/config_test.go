package main

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	oracle "github.com/jub0bs/cors"

	ours "github.com/sessionseed/sessionseed/templates/service/internal/cors"
)

// config is one configuration in the words that both sides share.
type config struct {
	origins, methods, headers, exposed []string
	maxAge                             int // seconds
}

func (c config) ours() (*ours.Middleware, error) {
	return ours.New(ours.Config{Origins: c.origins, Methods: c.methods, Headers: c.headers, ExposedHeaders: c.exposed,
		MaxAge: time.Duration(c.maxAge) * time.Second})
}

// oracle allows http front ends, which a service on the developer's machine or in a local network needs.
func (c config) oracle() (*oracle.Middleware, error) {
	return oracle.NewMiddleware(oracle.Config{
		Origins: c.origins, Credentialed: true, Methods: c.methods, RequestHeaders: c.headers,
		ResponseHeaders: c.exposed, MaxAgeInSeconds: c.maxAge,
		ExtraConfig: oracle.ExtraConfig{DangerouslyTolerateInsecureOrigins: true,
			DangerouslyTolerateSubdomainsOfPublicSuffixes: true},
	})
}

var (
	goodOrigins = []string{"https://app.example.com", "http://app.example.com", "https://app.example.com:8443",
		"http://localhost:5173", "http://localhost",
		"http://127.0.0.1:5173", "http://[::1]:5173", "http://192.168.1.20", "https://xn--bcher-kva.example",
		"https://a.github.io", "http://x:65535"}
	oddOrigins = []string{"*", "null", "", "https://app.example.com/", "https://APP.example.com",
		"https://app.example.com:443", "http://app.example.com:80",
		"https://*.example.com", "http://localhost:*", "https://*.example.com:*", "https://bücher.example",
		"https://app.example.com.", "https://user@app.example.com",
		"https://app.example.com/x", "ftp://app.example.com", "file:///x", "app.example.com",
		"http://[0:0:0:0:0:0:0:1]", "http://[::ffff:1.2.3.4]",
		"https://127.0.0.1:8443", "https://[::1]:8443", "http://my_service:8080", "http://127.1", "http://0x7f.1",
		"http://localhost:0", "http://localhost:65536",
		"http://localhost:080", "http://[fe80::1%eth0]", "https://-a.example", "https://a..b", "https://xn--a.example",
		"capacitor://localhost"}
	goodMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"}
	oddMethods  = []string{"*", "put", "patch", "purge", "CONNECT", "trace", "TRACK", "", "GET,POST", "résumé"}
	goodHeaders = []string{"Content-Type", "X-Trace", "authorization", "X-CSRF-Token", "Accept"}
	oddHeaders  = []string{"*", "Cookie", "Sec-Fetch-Site", "Proxy-Authorization", "Origin",
		"Access-Control-Allow-Origin", "Access-Control-Max-Age",
		"Access-Control-Request-Method", "X Y", "", "X-Method-Override", "Host"}
	goodExposed = []string{"Retry-After", "X-Total", "ETag", "Content-Type"}
	oddExposed  = []string{"*", "Set-Cookie", "set-cookie2", "Origin", "Access-Control-Request-Method", "X\nY", "",
		"Access-Control-Allow-Origin"}
)

// pick returns up to most of the good items, and rarely an odd one among them.
func pick(r *rand.Rand, most int, good, odd []string, oddity float64) []string {
	var list []string
	for range r.IntN(most + 1) {
		if r.Float64() < oddity {
			list = append(list, odd[r.IntN(len(odd))])
		} else {
			list = append(list, good[r.IntN(len(good))])
		}
	}
	return list
}

func randomConfig(r *rand.Rand, oddity float64) config {
	ages := []int{0, 0, -1, 1, 600, 86400}
	if r.Float64() < oddity {
		ages = []int{-2, 86401}
	}
	return config{
		origins: pick(r, 4, goodOrigins, oddOrigins, oddity), methods: pick(r, 4, goodMethods, oddMethods, oddity),
		headers: pick(r, 3, goodHeaders, oddHeaders, oddity), exposed: pick(r, 2, goodExposed, oddExposed, oddity),
		maxAge: ages[r.IntN(len(ages))],
	}
}

// configDifference is a row of configDifferences.
type configDifference struct {
	name, reason string
	oursAccepts  bool
	kind         string
	items        []string
}

// configDifferences lists every case in which one side takes a configuration and the other does not.
// items are the elements at fault.
var configDifferences = []configDifference{
	{"no origins", "a service whose pages come from its own origin has no front end to list, and still wants the " +
		"refusals in words", true, "origins", nil},
	{"patterns", "the policy knows every front end by name; one forgotten subdomain under a pattern could use " +
		"the sessions", false, "origins",
		[]string{"https://*.example.com", "http://localhost:*", "https://*.example.com:*"}},
	{"https addresses", "a certificate for an address is rare but real in local networks and tests", true, "origins",
		[]string{"https://127.0.0.1:8443", "https://[::1]:8443"}},
	{"dot at the end", "the generator writes names without it, so it is always a slip", false, "origins",
		[]string{"https://app.example.com."}},
	{"other schemes", "cookies need http or https", false, "origins",
		[]string{"ftp://app.example.com", "capacitor://localhost"}},
	{"international names that browsers refuse to visit", "checking them takes a library; such an entry can only " +
		"fail to match", true, "origins", []string{"https://xn--a.example"}},
	{"a hyphen at the beginning of a label", "browsers visit such a name", true, "origins",
		[]string{"https://-a.example"}},
	{"any method", "the front end's methods are few and known", false, "methods", []string{"*"}},
	{"methods in lower case", "the oracle turns put into PUT, as fetch does, and takes patch and purge as they are; " +
		"one rule, upper case, is easier to keep in mind", false, "methods", []string{"put", "patch", "purge"}},
	{"any request header", "answering it means to echo what a stranger sent", false, "headers", []string{"*"}},
	{"exposing request headers", "useless but harmless", true, "exposed",
		[]string{"Origin", "Access-Control-Request-Method"}},
	{"a max age below -1", "every negative age says the same: do not remember", true, "maxAge", []string{"-2"}},
}

// pools holds every element a random configuration can have.
var pools = map[string][]string{
	"origins": slices.Concat(goodOrigins, oddOrigins), "methods": slices.Concat(goodMethods, oddMethods),
	"headers": slices.Concat(goodHeaders, oddHeaders), "exposed": slices.Concat(goodExposed, oddExposed),
	"maxAge": {"-2", "-1", "0", "1", "600", "86400", "86401"},
}

// single returns a configuration whose only questionable element is the item.
func single(kind, item string) config {
	c := config{origins: []string{"https://base.example"}}
	switch kind {
	case "origins":
		c.origins = []string{item}
	case "methods":
		c.methods = []string{item}
	case "headers":
		c.headers = []string{item}
	case "exposed":
		c.exposed = []string{item}
	case "maxAge":
		c.maxAge, _ = strconv.Atoi(item)
	}
	return c
}

// TestElements gives each element alone to both sides, so that each difference is named exactly.
func TestElements(t *testing.T) {
	for kind, pool := range pools {
		for _, item := range pool {
			c := single(kind, item)
			_, errOurs := c.ours()
			_, errOracle := c.oracle()
			listed := slices.ContainsFunc(configDifferences, func(d configDifference) bool {
				return d.kind == kind && d.oursAccepts == (errOurs == nil) && slices.Contains(d.items, item)
			})
			if differs := (errOurs == nil) != (errOracle == nil); differs != listed {
				t.Errorf("%s %q: ours %v, oracle %v; listed as a difference: %t", kind, item, errOurs, errOracle,
					listed)
			}
		}
	}
	_, errOurs := config{}.ours()
	_, errOracle := config{}.oracle()
	if errOurs != nil || errOracle == nil {
		t.Errorf("no origins: ours %v, oracle %v", errOurs, errOracle)
	}
	for _, d := range configDifferences {
		if d.reason == "" {
			t.Errorf("%s has no reason", d.name)
		}
		for _, item := range d.items {
			if !slices.Contains(pools[d.kind], item) {
				t.Errorf("%s: %q is never tried", d.name, item)
			}
		}
	}
}

// TestConfigurations holds that a configuration is refused exactly when one of its elements is, on both sides.
func TestConfigurations(t *testing.T) {
	type verdict struct{ ours, oracle bool }
	alone := map[string]verdict{}
	for kind, pool := range pools {
		for _, item := range pool {
			_, errOurs := single(kind, item).ours()
			_, errOracle := single(kind, item).oracle()
			alone[kind+item] = verdict{errOurs == nil, errOracle == nil}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	same, different := 0, 0
	for range 20000 {
		c := randomConfig(r, 0.05)
		want := verdict{true, len(c.origins) > 0}
		for kind, list := range map[string][]string{"origins": c.origins, "methods": c.methods, "headers": c.headers,
			"exposed": c.exposed, "maxAge": {strconv.Itoa(c.maxAge)}} {
			for _, item := range list {
				want.ours = want.ours && alone[kind+item].ours
				want.oracle = want.oracle && alone[kind+item].oracle
			}
		}
		_, errOurs := c.ours()
		_, errOracle := c.oracle()
		if got := (verdict{errOurs == nil, errOracle == nil}); got != want {
			t.Errorf("%+v: %+v, want %+v; ours %v, oracle %v", c, got, want, errOurs, errOracle)
		}
		if want.ours == want.oracle {
			same++
		} else {
			different++
		}
	}
	t.Logf("%d configurations judged alike, %d differently for a listed reason", same, different)
}
