package e2e

import (
	"strings"
	"testing"
)

// What works in Chromium works in Firefox, which gives each site a jar of its
// own for the cookies of others, whatever their attributes say.
func TestLoginInFirefox(t *testing.T) {
	t.Parallel()
	browser := openFirefox(t, newHosts(t)) // one for all, since it takes as long to start as a login
	for _, tt := range arrangements {
		if tt.cookies == allowed {
			continue // a new profile of Firefox knows one way only
		}
		t.Run(tt.name, func(t *testing.T) {
			s := emptyStage(t, tt.top)
			f := browser.anotherFor(t, s.hosts)
			f.visit(tt.page + "/")
			for _, client := range []string{"fetch", "axios"} {
				f.loggedOut()
				f.seePicture() // when it comes the page moves
				f.use(client)
				c := f.cookie(tt.cookie)
				if !strings.EqualFold(c.SameSite, tt.sameSite.String()) || c.Secure != tt.secure || !c.HTTPOnly ||
					c.Path != "/" {
					t.Errorf("cookie SameSite=%s Secure=%t HttpOnly=%t Path=%s, want SameSite=%s Secure=%t "+
						"HttpOnly Path=/",
						c.SameSite, c.Secure, c.HTTPOnly, c.Path, tt.sameSite, tt.secure)
				}
				f.fillIn(s.project.password, s.answer(c.Value.Value))
				f.click("#submit")
				f.loggedIn()
				f.reload()
				f.loggedIn()
				f.click("#logout")
				f.loggedOut()
			}
		})
	}
}
