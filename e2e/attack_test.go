package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"
)

// While somebody is logged in, a hostile page in another tab tries what a page
// can try. It learns nothing and changes nothing, whether it is on a site of its
// own or on a subdomain beside the service, where SameSite does not help.
func TestHostilePage(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("testdata/attack.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		top    topology
		page   string
		evil   string
		noCORS string // what a fetch without CORS gives: an opaque answer, or none by Cross-Origin-Resource-Policy
		image  string // what /code as an image gives
		shared bool   // a picture shown there is the victim's: the cookie goes along
	}{
		{"same site, attacked from elsewhere", subdomains, "https://app.shop.test", "https://evil.test", "TypeError",
			"refused", false},
		{"same site, attacked by a sibling", subdomains, "https://app.shop.test", "https://evil.shop.test", "opaque",
			"shown, not read: SecurityError", true},
		{"other site, attacked from elsewhere", crossSite, "https://app.front.test", "https://evil.test", "opaque",
			"shown, not read: SecurityError", false},
		{"other site, attacked by the service's sibling", crossSite, "https://app.front.test",
			"https://evil.shop.test", "opaque", "shown, not read: SecurityError", false},
		{"other site, attacked by the page's sibling", crossSite, "https://app.front.test", "https://evil.front.test",
			"opaque", "shown, not read: SecurityError", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, tt.top, allowed, func(h *hosts) {
				h.serve(tt.evil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
					fmt.Fprintf(w, "<!doctype html><title>kittens</title><body><script>const api = %q;\n%s</script>",
						tt.top.publicURL, script)
				}))
			})
			victim := s.browser.visit(tt.page + "/")
			victim.loggedOut()
			s.logIn(victim)
			token := s.browser.sessionCookie(s.project.cookie).Value
			before := s.snapshot()

			evil := s.browser.visit(tt.evil + "/")
			learned := eval[map[string]string](evil, "attack(attempts)")
			want := map[string]string{
				"readMe": "TypeError", "readCode": "TypeError",
				"logoutByFetch": "TypeError", "logoutOthersByFetch": "TypeError", "logoutWithPreflight": "TypeError",
				"logoutNoCORS": tt.noCORS, "loginNoCORS": tt.noCORS, "readMeNoCORS": tt.noCORS, "beacon": "sent",
				"meAsImage": "refused", "meAsScript": "refused", "meInFrame": "not read",
				"logoutByFormInFrame": "not read", "logoutOthersByFormInFrame": "not read",
				"loginByFormInFrame": "not read",
			}
			if !maps.Equal(learned, want) {
				t.Errorf("the hostile page learned\n%s\nwant\n%s", indent(learned), indent(want))
			}

			// The strongest request: the whole window posts, and Lax cookies of
			// a sibling go along.
			for _, path := range []string{"/logout", "/logout/others", "/login"} {
				p := s.browser.visit(tt.evil + "/")
				eval[any](p, "void post("+quoteJS(path)+")")
				p.until(`location.origin === ` + quoteJS(tt.top.publicURL) + ` && document.readyState === "complete"`)
				if text := p.text(); !strings.Contains(text, "cross_origin") {
					t.Errorf("a form to %s from %s was answered %s", path, tt.evil, text)
				}
			}
			for _, path := range []string{"/logout", "/logout/others", "/login"} {
				for _, r := range s.requests(path) {
					if r.Method == "POST" && r.Status != 403 && r.Origin != tt.page {
						t.Errorf("POST %s from %s was answered %d, want 403", path, r.Origin, r.Status)
					}
				}
			}
			if n := len(s.requests("/logout")); n < 5 {
				t.Errorf("only %d attempts to log out arrived: the attack was not tried", n)
			}
			s.unchanged(before, token, tt.shared)
			victim.reload()
			victim.loggedIn()

			// Pictures may be shown elsewhere, and are worth nothing there.
			learned = eval[map[string]string](evil, "attack(pictures)")
			want = map[string]string{"codeAsImage": tt.image, "codeInFrame": "not read"}
			if !maps.Equal(learned, want) {
				t.Errorf("the hostile page learned from the picture\n%s\nwant\n%s", indent(learned), indent(want))
			}
			s.unchanged(before, token, tt.shared)
			victim.reload()
			victim.loggedIn()
		})
	}
}

// unchanged compares the victim's session with what it was. pictureToo allows
// that another picture is pending in it: GET /code does not change more than that.
func (s *service) unchanged(before map[string]string, token string, pictureToo bool) {
	s.t.Helper()
	for key, record := range s.snapshot() {
		old, known := before[key]
		switch {
		case !known && strings.Contains(record, username):
			s.t.Errorf("there is a new session for %s", username)
		case known && old != record && !(pictureToo && sameButPicture(old, record)):
			s.t.Errorf("the record %s was %q and is %q", key, old, record)
		}
	}
	if _, alive := s.record(token); !alive {
		s.t.Error("the victim's session is gone")
	}
}

// sameButPicture compares two session records without what is pending in them
// and when they were touched.
func sameButPicture(a, b string) bool {
	return withoutPicture(a) == withoutPicture(b)
}

func withoutPicture(record string) string {
	head, payload := splitRecord(record)
	var fields map[string]any
	if len(head) < 14 || json.Unmarshal([]byte(payload), &fields) != nil {
		return record
	}
	delete(fields, "c")
	rest, _ := json.Marshal(fields)
	return head[:8] + head[14:] + string(rest) // the time of the last touch is between
}

func indent(v any) string {
	b, _ := json.MarshalIndent(v, "", "  ")
	return string(b)
}
