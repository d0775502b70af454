package koa

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

// What koa 3.3.0 with koa-session 7.0.2, cookies 0.9.2 and keygrip 1.1.0 answered with keys of
// "a new key of the koa service" and "i like turtle", and a maxAge of a hundred years.
const (
	hundredYears = "eyJ1c2VyIjoiYW5uIiwiX2V4cGlyZSI6NDk1MTY2OTUxMDA5OCwiX21heEFnZSI6MzE1NTc2MDAwMDAwMH0="
	plain        = "koa.sess=" + hundredYears + "; koa.sess.sig=Bm0iHMcxRnjFSZChgAQOPcyJNcg"
	noMaxAge     = "koa.sess=eyJ1c2VyIjoiYW5uIiwiX2V4cGlyZSI6MTc5NTk5NTkxMDU5MiwiX21heEFnZSI6ODY0MDAwMDB9; " +
		"koa.sess.sig=kfTh0lmFv5VWWvOJSK2q8Mg9jAM"
	browser = "koa:sess=eyJ1c2VyIjoiYW5uIiwiX3Nlc3Npb24iOnRydWV9; koa:sess.sig=GDm-ge8_RUuVa6cdC7akk0nSG9U"
	oldKey  = "sid=eyJ1c2VyIjoiYW5uIiwiX2V4cGlyZSI6NDk1MTY2OTUxMTgzMiwiX21heEFnZSI6MzE1NTc2MDAwMDAwMH0=; " +
		"sid.sig=2uJW2JCPeAYfaK5A33jjss55Tj8"
	sha256Pair = "koa.sess=eyJ1c2VyIjoiYW5uIiwiX2V4cGlyZSI6NDk1MTY2OTUxMjQyNywiX21heEFnZSI6MzE1NTc2MDAwMDAwMH0=; " +
		"koa.sess.sig=t5oQeYM8UnwIvEe-5KCA_meDZ9Cc2N-ndQWnzI9kwEI"
	store    = "koa.sess=f9eae0da-e2b6-439a-ae62-7d291c253611; koa.sess.sig=UtHxAJAKs3xIVwyP3mTUml0Dwjc"
	unsigned = "koa.sess=eyJ1c2VyIjoiYW5uIiwiX2V4cGlyZSI6NDk1MTY2OTUxMzY1MCwiX21heEFnZSI6MzE1NTc2MDAwMDAwMH0="
)

var keys = []string{"a new key of the koa service", "i like turtle"}

// request has the cookies as a browser sends them.
func request(header ...string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Cookie"] = header
	return r
}

func TestValues(t *testing.T) {
	change := func(pair, old, new string) string {
		if !strings.Contains(pair, old) {
			t.Fatalf("%s does not hold %s", pair, old)
		}
		return strings.Replace(pair, old, new, 1)
	}
	tests := []struct {
		name, cookie string // of the pair
		keys         []string
		header       []string
		want         int
	}{
		{"plain", "koa.sess", keys, []string{plain}, 1},
		{"without maxAge", "koa.sess", keys, []string{noMaxAge}, 1},
		{"a name that net/http does not know", "koa:sess", keys, []string{browser}, 1},
		{"an older key", "sid", keys, []string{oldKey}, 1},
		{"the keys in another order", "koa.sess", []string{keys[1], keys[0]}, []string{plain}, 1},
		{"Keygrip with SHA-256", "koa.sess", keys, []string{sha256Pair}, 1},
		{"an id", "koa.sess", keys, []string{store}, 1},
		{"among others", "koa.sess", keys, []string{"a=b; koa.sess2=c;" + plain + ";d"}, 1},
		{"two header lines", "koa.sess", keys, strings.Split(plain, "; "), 1},
		{"in quotation marks", "koa.sess", keys, []string{change(plain, hundredYears, `"`+hundredYears+`"`)}, 1},
		{"behind one of ours", "koa.sess", keys, []string{"koa.sess=abc.def; " + plain}, 1},
		{"two pairs", "koa.sess", keys, []string{plain + "; " + store}, 2},

		{"unsigned", "koa.sess", keys, []string{unsigned}, 0},
		{"an empty signature", "koa.sess", keys, []string{unsigned + "; koa.sess.sig="}, 0},
		{"the signature of another value", "koa.sess", keys, []string{unsigned + plain[strings.Index(plain, ";"):]}, 0},
		{"a key that is not there", "koa.sess", keys[1:], []string{plain}, 0},
		{"an empty key", "koa.sess", []string{""}, []string{plain}, 0},
		{"no keys", "koa.sess", nil, []string{plain}, 0},
		{"another name", "sid", keys, []string{strings.ReplaceAll(plain, "koa.sess", "sid")}, 0},
		{"a changed value", "koa.sess", keys, []string{change(plain, "eyJ1c2VyIjoiYW5u", "eyJ1c2VyIjoiYm9i")}, 0},
		{"a changed signature", "koa.sess", keys, []string{change(plain, "Bm0i", "Cm0i")}, 0},
		{"a cut signature", "koa.sess", keys, []string{strings.TrimSuffix(plain, "g")}, 0},
		{"a signature in another case", "koa.sess", keys, []string{change(plain, "Bm0i", "bm0i")}, 0},
		{"a padded signature", "koa.sess", keys, []string{plain + "="}, 0},
		{"what Koa sets at a logout", "koa.sess", keys,
			[]string{"koa.sess=; koa.sess.sig=" + sign(keys[0], "koa.sess=")}, 0},
		{"nothing", "koa.sess", keys, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Cookies{Cookie: http.Cookie{Name: tt.cookie}, Keys: tt.keys}
			got := c.Values(request(tt.header...))
			if len(got) != tt.want {
				t.Errorf("Values(%q) = %q, want %d", tt.header, got, tt.want)
			}
		})
	}
}

// A larger value than a browser keeps, and more cookies of one name than it sends, are not even looked at.
func TestValuesAreBounded(t *testing.T) {
	c := Cookies{Cookie: http.Cookie{Name: "koa.sess"}, Keys: keys}
	for _, tt := range []struct {
		size, before, want int
	}{
		{4096 - len("koa.sess"), 0, 1}, {4096 - len("koa.sess") + 1, 0, 0}, {100, maxTries - 1, 1}, {100, maxTries, 0},
	} {
		value := strings.Repeat("x", tt.size)
		header := strings.Repeat("koa.sess=1; koa.sess.sig=2; ", tt.before) + "koa.sess=" + value + "; koa.sess.sig=" +
			sign(keys[0], "koa.sess="+value)
		if got := c.Values(request(header)); len(got) != tt.want {
			t.Errorf("%d bytes behind %d others: %d values, want %d", tt.size, tt.before, len(got), tt.want)
		}
	}
}

// sign is what Keygrip does.
func sign(key, text string) string {
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestFields(t *testing.T) {
	coded := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for _, tt := range []struct {
		name, value string
		want        map[string]json.RawMessage // nil: not a session
		end         int64                      // milliseconds; 0: none
	}{
		{"a session", hundredYears, map[string]json.RawMessage{"user": []byte(`"ann"`),
			"_expire": []byte("4951669510098"), "_maxAge": []byte("3155760000000")}, 4951669510098},
		{"a browser's session", "eyJ1c2VyIjoiYW5uIiwiX3Nlc3Npb24iOnRydWV9",
			map[string]json.RawMessage{"user": []byte(`"ann"`), "_session": []byte("true")}, 0},
		{"an id", "f9eae0da-e2b6-439a-ae62-7d291c253611", nil, 0},
		{"an id that is base64", "abcdabcd", nil, 0},
		{"neither limit", coded(`{"user":"ann"}`), nil, 0},
		{"a list", coded(`["_expire"]`), nil, 0},
		{"null", coded("null"), nil, 0},
		{"two values", coded(`{"_expire":1}{}`), nil, 0},
		{"empty", "", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Fields(tt.value)
			if ok != (tt.want != nil) || ok && !reflect.DeepEqual(got, tt.want) {
				t.Fatalf("Fields(%q) = %s, %v; want %s", tt.value, got, ok, tt.want)
			}
			end, err := End(got)
			if !ok {
				return
			}
			if err != nil || tt.end == 0 != end.IsZero() || tt.end != 0 && end.UnixMilli() != tt.end {
				t.Errorf("End = %v, %v; want %d", end, err, tt.end)
			}
		})
	}
}

func TestEndRefuses(t *testing.T) {
	for _, text := range []string{`"4951669510098"`, "true", "{}", "[]", "-1", "1e300", "99999999999999"} {
		end, err := End(map[string]json.RawMessage{"_expire": []byte(text)})
		if err == nil {
			t.Errorf("End of _expire %s = %v, want an error", text, end)
		}
	}
	if end, err := End(map[string]json.RawMessage{"_expire": []byte("1.5e3")}); err != nil || end.UnixMilli() != 1500 {
		t.Errorf("End = %v, %v, want 1500 ms", end, err)
	}
}

func TestDelete(t *testing.T) {
	own := http.Cookie{Name: "koa.sess", Path: "/"}
	for _, tt := range []struct {
		name string
		koa  http.Cookie
		want []string
	}{
		{"the same cookie", http.Cookie{Name: "koa.sess", Path: "/", HttpOnly: true},
			[]string{"koa.sess.sig=; Path=/; Max-Age=0; HttpOnly"}},
		{"another domain", http.Cookie{Name: "koa.sess", Path: "/", Domain: "example.com"},
			[]string{"koa.sess=; Path=/; Domain=example.com; Max-Age=0",
				"koa.sess.sig=; Path=/; Domain=example.com; Max-Age=0"}},
		{"another path", http.Cookie{Name: "koa.sess", Path: "/app"},
			[]string{"koa.sess=; Path=/app; Max-Age=0", "koa.sess.sig=; Path=/app; Max-Age=0"}},
		{"another name", http.Cookie{Name: "koa:sess", Path: "/", Secure: true, SameSite: http.SameSiteNoneMode},
			[]string{"koa:sess=; Path=/; Max-Age=0; Secure; SameSite=None",
				"koa:sess.sig=; Path=/; Max-Age=0; Secure; SameSite=None"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, h := Cookies{Cookie: tt.koa}, http.Header{}
			c.Delete(h, own)
			if !reflect.DeepEqual(h["Set-Cookie"], tt.want) {
				t.Errorf("Set-Cookie %q\nwant %q", h["Set-Cookie"], tt.want)
			}
		})
	}
}

func TestWithout(t *testing.T) {
	c := Cookies{Cookie: http.Cookie{Name: "koa.sess"}, Keys: keys}
	r := request("a=b; koa.sess=ours; "+plain, "c=d")
	got := c.Without(r, c.Values(r)).Header["Cookie"]
	want := []string{"a=b; koa.sess=ours; koa.sess.sig=Bm0iHMcxRnjFSZChgAQOPcyJNcg; c=d"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Without = %q, want %q", got, want)
	}
	if len(c.Values(r)) != 1 {
		t.Error("Without has changed the request")
	}
}

// Whatever a stranger sends is refused, since they have no key; and nothing that is signed makes trouble.
func FuzzCookies(f *testing.F) {
	for _, header := range []string{plain, noMaxAge, store, unsigned, "koa.sess=;koa.sess.sig=", "=;;=", `koa.sess="`} {
		f.Add(header, []byte(`{"_expire":1e9}`))
	}
	strangers := Cookies{Cookie: http.Cookie{Name: "koa.sess"}, Keys: []string{"a key that nobody has"}}
	f.Fuzz(func(t *testing.T, header string, text []byte) {
		if got := strangers.Values(request(header)); got != nil {
			t.Errorf("Values(%q) = %q", header, got)
		}
		value := base64.StdEncoding.EncodeToString(text)
		for _, v := range []string{value, header} {
			fields, ok := Fields(v)
			end, err := End(fields)
			if ok && err == nil && (end.Before(time.UnixMilli(0)) && !end.IsZero() || end.Year() > 2300) {
				t.Errorf("End of %q = %v", v, end)
			}
		}
		if value == "" || len(value) > 4000 {
			return
		}
		r := request("koa.sess=" + value + "; koa.sess.sig=" + sign(strangers.Keys[0], "koa.sess="+value))
		if got := strangers.Values(r); len(got) != 1 || got[0] != value {
			t.Errorf("Values of what was signed = %q, want %q", got, value)
		}
		if got := strangers.Values(strangers.Without(r, []string{value})); got != nil {
			t.Errorf("Without leaves %q", got)
		}
	})
}
