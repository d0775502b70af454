package policy

import (
	"fmt"
	"slices"
)

// describe adds the notes that follow from the finished decision.
func (c *chooser) describe() {
	for _, front := range c.d.Origins {
		c.describeFront(front)
	}
	c.describeSites()
	loopback := c.d.PublicURL.Loopback()
	switch {
	case c.d.Class == ClassB:
		c.note(Warn, "plain-http", fmt.Sprintf("%s is plain http: anyone on the network path can read and use the "+
			"session", c.d.PublicURL), c.overHTTPS())
	case c.d.Class == ClassC:
		c.note(Warn, "third-party-cookies",
			"Safari and some private windows keep no cookies of other sites, and older versions of Safari do not "+
				"support Partitioned: visitors there cannot log in", "test in Safari, or "+c.d.oneSite())
	}
	if c.d.Partitioned && c.d.Class == ClassC {
		c.note(Info, "popup-login", "a front end of another site does not send a Partitioned cookie that the service "+
			"set in a pop-up or after a redirect: a login of that kind needs front end and service on one site", "")
	}
	switch {
	case c.d.Secure && !c.d.PublicURL.HTTPS() && loopback:
		c.note(Warn, "secure-on-localhost", fmt.Sprintf("the cookie is Secure and %s is plain http: Chrome and "+
			"Firefox keep it on this machine; Safari drops it", c.d.PublicURL),
			"develop in Chrome or Firefox, or use plain http and one host name for front end and service, a cookie "+
				"name without prefix, and auto for the attributes")
	case c.d.Secure:
		where := "on http://localhost"
		if c.d.Domain != "" { // which covers no localhost
			where += ", where COOKIE_DOMAIN=none leaves Domain out"
		}
		c.note(Info, "secure-in-development", "in development "+where+", Chrome and Firefox keep this Secure cookie; "+
			"Safari drops it", "")
	}
	if !c.d.HTTPOnly {
		c.note(Warn, "httponly", "without HttpOnly every script in the page can read the session and send it away",
			"set httpOnly: true")
	}
}

// appOrigins are those that Capacitor on Android and Tauri give the page of an app.
var appOrigins = []string{"https://localhost", "https://tauri.localhost", "http://tauri.localhost"}

// describeFront says what is special about one front end.
func (c *chooser) describeFront(front Origin) {
	api := c.d.PublicURL
	if Classify(front, api) == ClassC {
		c.note(Warn, "cross-site", CrossSiteReason(front, api), crossSiteHint(front, api))
	}
	switch {
	case slices.Contains(appOrigins, front.String()) && !api.Loopback():
		c.note(Info, "app-origin", fmt.Sprintf("%s is the origin of every app of its kind (Capacitor, Tauri), "+
			"and of pages that visitors' own machines serve there", front), "")
	case front.Loopback() && !api.Loopback() && api.HTTPS():
		c.note(Warn, "development-origin", fmt.Sprintf("%s is a page on the developer's machine, and makes the "+
			"cookie of %s a cross-site one for everybody", front, api),
			"run the service on the developer's machine too, and list this origin only there")
	case insecureLocal(front, api):
		c.note(Warn, "local-network", fmt.Sprintf("if %s is on the internet, browsers block its requests to %s: the "+
			"page is not https and the service is in the visitor's own network", front, api),
			"serve the page over https, or run page and service in one network")
	case front.Public() && (api.Loopback() || api.Private()):
		c.note(Warn, "local-network", fmt.Sprintf("if %s is on the internet, the browser asks the visitor before it "+
			"connects to %s, which is in the visitor's own network", front, api),
			"give publicURL the service's public address")
	}
	if front.HTTPS() && !api.HTTPS() && api.Loopback() {
		c.note(Warn, "mixed-content", fmt.Sprintf("the https page %s calls %s over plain http: Chrome and Firefox "+
			"allow that for this machine only, Safari may not", front, api),
			"serve the service over https")
	}
}

// describeSites warns that a Partitioned cookie makes one session per site in the address bar.
func (c *chooser) describeSites() {
	sites := map[string]bool{}
	for _, front := range c.d.Origins {
		sites[front.Site()] = true
	}
	if c.d.Partitioned && len(sites) > 1 {
		c.note(Warn, "session-per-site", fmt.Sprintf("the front ends are on %d sites, and a Partitioned cookie makes "+
			"a session for each: a visitor logs in once per site", len(sites)),
			"bring the front ends under one site if they should share the login")
	}
}
