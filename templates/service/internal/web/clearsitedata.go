package web

import "net/http"

// clearedAtLogout leaves "cookies" out: it would also take those that other services of the domain have set, and
// the session's own is deleted anyway.
const clearedAtLogout = `"cache", "storage"`

// newClearSiteData has the browser clear what it keeps of this service at the logout (ASVS 14.3.1). What the front
// end keeps on its own origin is not touched.
func newClearSiteData(*app) (part, error) {
	return part{logout: func(h http.Header) { h.Set("Clear-Site-Data", clearedAtLogout) }}, nil
}
