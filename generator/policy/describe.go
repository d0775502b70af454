package policy

import (
	"fmt"
	"slices"
	"strings"
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
				"support Partitioned: visitors there cannot log in", "test in Safari, or "+c.oneSite())
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

// oneSite is the remedy for front ends of other sites.
func (c *chooser) oneSite() string {
	strangers := c.d.strangers()
	kind := CrossSiteKind(strangers[0], c.d.PublicURL)
	for _, front := range strangers {
		if CrossSiteKind(front, c.d.PublicURL) != kind {
			kind = "cross-site"
		}
	}
	if kind == "cross-site" {
		return "bring front end and service under one site, such as app.example.com and api.example.com"
	}
	return crossSiteHint(strangers[0], c.d.PublicURL)
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

// CrossSiteReason says in one sentence why two origins are different sites, or "" if they are one site. The cases that
// people take for one site get their own words.
func CrossSiteReason(front, api Origin) string {
	switch CrossSiteKind(front, api) {
	case "":
		return ""
	case "localhost-names":
		return fmt.Sprintf("%s and %s are the same machine, but two sites to browsers: cookies go by name, and "+
			"localhost, 127.0.0.1 and names under .localhost are all different", front, api)
	case "schemeful":
		return fmt.Sprintf("%s and %s are two sites, because one is http and the other https", front, api)
	case "public-suffix":
		suffix, _ := PublicSuffix(front.host)
		return fmt.Sprintf("%s and %s are two sites, because anybody can register a name under %s (public suffix list)",
			front, api, suffix)
	}
	return fmt.Sprintf("%s and %s are two sites", front, api)
}

// CrossSiteKind names the reason why two origins are different sites: "localhost-names", "schemeful", "public-suffix",
// "cross-site"; or "" if they are one site.
func CrossSiteKind(front, api Origin) string {
	fSite, aSite := front, api
	fSite.scheme, aSite.scheme = "https", "https"
	fSuffix, listed := PublicSuffix(front.host)
	aSuffix, _ := PublicSuffix(api.host)
	switch {
	case front.SameSite(api):
		return ""
	case fSite.SameSite(aSite):
		return "schemeful"
	case front.Loopback() && api.Loopback():
		return "localhost-names"
	case !front.addr.IsValid() && !api.addr.IsValid() && listed && fSuffix == aSuffix && strings.Contains(fSuffix, "."):
		return "public-suffix"
	}
	return "cross-site"
}

func crossSiteHint(front, api Origin) string {
	switch CrossSiteKind(front, api) {
	case "localhost-names":
		if front.scheme != api.scheme {
			front.scheme, api.scheme = "https", "https"
			return fmt.Sprintf("call the page and the service by one name, and serve both over https, such as %s and "+
				"%s", front, sameHost(front, api))
		}
		return fmt.Sprintf("call the page and the service by one name, such as %s", sameHost(front, api))
	case "schemeful":
		return "serve both over https"
	case "public-suffix":
		return "give both a domain of your own, such as app.example.com and api.example.com"
	}
	return "if you can, bring both under one site, such as app.example.com and api.example.com: SameSite=Lax then " +
		"protects more and works everywhere"
}

// sameHost is the service's origin under the front end's host name, on another port if the front end has that one.
func sameHost(front, api Origin) Origin {
	same := front
	if same.port, same.scheme = api.port, api.scheme; same == front {
		if same.port = 8081; same.HTTPS() {
			same.port = 8443
		}
	}
	return same
}
