package policy

import (
	"fmt"
	"strings"
)

// Explain says the policy in words, one point each, for someone who writes the front end: who is one site with
// whom, the cookie, why its attributes are so, which forgeries are stopped and by what, and what the front end must do.
// The notes are not repeated.
func (d Decision) Explain() []string {
	if d.Class == "" {
		return nil
	}
	lines := []string{d.explainSite(), fmt.Sprintf("The cookie is %s.", d.CookieLine()), d.explainSameSite(),
		d.explainSecure()}
	switch {
	case d.Partitioned && d.SameSite == "none":
		lines = append(lines, "Partitioned keeps a separate cookie for each site in the address bar: the cookie works "+
			"where third-party cookies are blocked.")
	case d.Partitioned:
		lines = append(lines, "Partitioned keeps a separate cookie for each site in the address bar.")
	}
	switch {
	case d.Domain == "":
		lines = append(lines, fmt.Sprintf("Domain is left out: only the host %s receives the cookie, on all its ports.",
			d.PublicURL.bracketed()))
	case d.PublicURL.alone(d.Domain):
		lines = append(lines, fmt.Sprintf("Domain=%s changes nothing: only that host receives the cookie, on all its "+
			"ports.", d.Domain))
	default:
		lines = append(lines, fmt.Sprintf("Domain=%s: every host under %s receives the cookie.", d.Domain, d.Domain))
	}
	if d.HTTPOnly {
		lines = append(lines, "HttpOnly keeps it from scripts: document.cookie does not show it; that is intended.")
	}
	return append(append(lines, d.explainForgery()...), d.explainClient()...)
}

// CookieLine returns the cookie's name and attributes as a Set-Cookie header writes them, without value and lifetime.
func (d Decision) CookieLine() string { return d.CookieName + Attributes(d.Cookie()) }

func (d Decision) explainSite() string {
	switch {
	case len(d.Origins) == 0:
		return fmt.Sprintf("Only pages that %s serves itself use the session.", d.PublicURL)
	case d.Class == ClassC && len(d.strangers()) == 1:
		return fmt.Sprintf("%s and the service %s are different sites: the cookie must be allowed to "+
			"cross sites.", d.strangers()[0], d.PublicURL)
	case d.Class == ClassC:
		return fmt.Sprintf("%s are not on the site of the service %s: the cookie must be allowed to cross sites.",
			strings.Join(Strings(d.strangers()), ", "), d.PublicURL)
	}
	return fmt.Sprintf("%s and the service %s are one site; ports do not matter to cookies.",
		strings.Join(Strings(d.Origins), ", "), d.PublicURL)
}

func (d Decision) explainSameSite() string {
	switch d.SameSite {
	case "strict":
		return "SameSite=Strict: requests that start on another site never carry the cookie, not even when a " +
			"visitor follows a link."
	case "none":
		if d.Class == ClassA {
			return "SameSite=None: requests from pages of any site may carry the cookie."
		}
		return "SameSite=None: requests from pages of other sites may carry the cookie; without it the front end " +
			"would never be logged in."
	}
	return "SameSite=Lax: requests that start on another site do not carry the cookie, except when a visitor " +
		"follows a link."
}

func (d Decision) explainSecure() string {
	https := d.PublicURL.HTTPS()
	switch {
	case d.Secure && https:
		return "Secure: the cookie travels over https only; on http://localhost Chrome and Firefox make an " +
			"exception, Safari does not."
	case d.Secure:
		return "Secure on plain http works because the service runs on this machine, in Chrome and Firefox; Safari " +
			"drops the cookie."
	case https:
		return "Without Secure the browser sends the cookie over plain http too."
	case d.Class == ClassB:
		return "No Secure, because browsers drop a Secure cookie that comes over plain http."
	}
	return "No Secure, because the service runs on plain http on this machine and Safari would drop the cookie."
}

// ownSite returns the first front end of the service's own site, the service itself if it has none at all, or the zero
// value.
func (d Decision) ownSite() Origin {
	if len(d.Origins) == 0 {
		return d.PublicURL
	}
	for _, front := range d.Origins {
		if front.SameSite(d.PublicURL) {
			return front
		}
	}
	return Origin{}
}

// explainForgery says what stops requests that other sites make in the visitor's name.
func (d Decision) explainForgery() []string {
	var lines []string
	switch {
	case d.SameSite != "none":
		lines = append(lines, fmt.Sprintf("SameSite=%s keeps the cookie out of forged cross-site requests; "+
			"http.CrossOriginProtection stops forged POSTs, also from sibling subdomains: it trusts the listed front "+
			"ends only.", title(d.SameSite)))
	case d.Partitioned && d.ownSite() != Origin{}:
		lines = append(lines, fmt.Sprintf("Partitioned keeps the cookie out of most forged cross-site requests; but "+
			"visitors of %s have a cookie for the service's own site, which a forged form carries. "+
			"http.CrossOriginProtection stops forged POSTs: it trusts the listed front ends only.", d.ownSite()))
	case d.Partitioned:
		lines = append(lines, "Partitioned keeps the cookie out of requests from pages of other sites, except those "+
			"that a front end shows in a frame; http.CrossOriginProtection stops forged POSTs: it trusts the listed "+
			"front ends only.")
	default:
		lines = append(lines, "http.CrossOriginProtection stops forged POSTs of other sites: it trusts the listed "+
			"front ends only.")
	}
	if len(d.Origins) == 0 {
		for i := range lines {
			lines[i] = strings.ReplaceAll(lines[i], "the listed front ends only", "no other origin")
		}
	}
	switch {
	case !d.Captcha:
	case d.Class == ClassB: // without Sec-Fetch-Site, and often without Origin
		lines = append(lines, "GET /code replaces the pending captcha. Over plain http browsers do not say which page "+
			"a link, a frame or an <img> is on, so any page can call it, if the cookie comes with it: the visitor "+
			"then needs a new picture, nothing more.")
	case len(d.Origins) == 0:
		lines = append(lines, "GET /code replaces the pending captcha; the service draws one for its own pages only.")
	case d.SameSite != "none", d.Partitioned && d.ownSite() != Origin{}:
		without := "the cookie does not come with it"
		if d.SameSite == "none" {
			without = "it carries another cookie, except in a frame of a front end"
		}
		lines = append(lines, "GET /code replaces the pending captcha. An <img> on another page of the service's site "+
			"(a sibling subdomain, another port of localhost) can call it, too: the visitor then needs a new picture, "+
			"nothing more. An <img> on another site replaces nothing, since "+without+". Any other request for it "+
			"from a page that is not listed is refused.")
	case d.Partitioned:
		lines = append(lines, "GET /code replaces the pending captcha. A request from a page of another site carries "+
			"another cookie, so the visitor's captcha stays, except in a frame of a front end.")
	default:
		lines = append(lines, "GET /code replaces the pending captcha. An <img> on any web site can call it with "+
			"the cookie: the visitor then needs a new picture, nothing more. Any other request for it from a page "+
			"that is not listed is refused.")
	}
	return lines
}

// explainClient says what the front end has to do.
func (d Decision) explainClient() []string {
	if len(d.Origins) == 0 {
		return []string{"The pages call the service with relative URLs and need no setting."}
	}
	every := "every request"
	if d.Captcha {
		every += ", including the one that loads the captcha"
	}
	return []string{
		fmt.Sprintf("CORS lets pages of %s, and no others, read the responses to requests with cookies.",
			strings.Join(Strings(d.Origins), ", ")),
		"The front end must send cookies with " + every + ": fetch(url, {credentials: 'include'}), " +
			"axios.defaults.withCredentials = true, or xhr.withCredentials = true.",
	}
}
