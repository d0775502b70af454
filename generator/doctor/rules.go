package doctor

import (
	"maps"
	"slices"
	"strings"
)

// rule is what is always the same about a finding. In its texts {page}, {api} and {host} stand for the page's
// origin, the service's origin and the service's host, {credentials} for [credentialsRemedy]; what else is in braces is
// filled in by the judge, with [Finding.replace].
type rule struct {
	severity Severity // usual; the judge that adds the finding may change it
	rule     string
	server   string
	client   string
	option   string
}

// rules returns the table of all findings. Its codes are the package's stable vocabulary.
func rules() map[string]rule {
	return map[string]rule{
		"client-credentials": {
			severity: Blocks,
			rule: "By default fetch and axios neither send nor store cookies of another origin, and give no " +
				"error.",
			client: "{credentials}",
			option: "none: the service cannot repair this",
		},
		"acao-missing": {
			severity: Blocks,
			rule: "A page may read a response from another origin only if Access-Control-Allow-Origin names the " +
				"page's origin.",
			server: "Add {page} to the list of allowed origins.",
			option: "corsOrigins: add {page}",
		},
		"acao-mismatch": {
			severity: Blocks,
			rule:     "Access-Control-Allow-Origin must equal the page's origin character by character.",
			server:   "Write exactly {page} in the list of allowed origins.",
			option:   "corsOrigins: add {page}",
		},
		"acao-star": {
			severity: Blocks,
			rule:     "Browsers refuse Access-Control-Allow-Origin: * for requests with cookies.",
			server:   "Send the page's origin, {page}, after checking it against a list.",
			option:   "corsOrigins: add {page}",
		},
		"acao-many": {
			severity: Blocks,
			rule: "Access-Control-Allow-Origin must appear once, with one origin; two equal values " +
				"fail as well.",
			server: "Send one origin, {page}, after checking it against a list. Where proxy and service both add " +
				"CORS headers, turn it off in one of them.",
			option: "none: look for add_header Access-Control-... in the proxy",
		},
		"acac": {
			severity: Blocks,
			rule: "For requests with cookies the response must include Access-Control-Allow-Credentials: true, " +
				"in lower case, once.",
			server: "Send Access-Control-Allow-Credentials: true, on preflights too.",
			option: "none: the emitted service always sends it to listed origins",
		},
		"preflight-status": {
			severity: Blocks,
			rule: "Before this request browsers send OPTIONS without cookies, and give up unless the " +
				"status is 2xx.",
			server: "Put CORS before authentication, CSRF protection and the router, so that OPTIONS " +
				"returns 204.",
			option: "corsOrigins: add {page}",
		},
		"preflight-redirect": {
			severity: Blocks,
			rule:     "Browsers do not follow a redirect of a preflight.",
			server:   "Do not redirect OPTIONS: not from http to https, not to add or remove a slash.",
			client:   "Call the final URL, with the right scheme and slash.",
			option:   "publicURL",
		},
		"preflight-method": {
			severity: Blocks,
			rule: "The response to the preflight must name the method in Access-Control-Allow-Methods; * " +
				"does not count " +
				"with cookies.",
			server: "List the method, in upper case.",
			option: "none: internal/web lists the methods",
		},
		"preflight-headers": {
			severity: Blocks,
			rule: "The response to the preflight must name each header that the page sets in " +
				"Access-Control-Allow-Headers; * does not count with cookies.",
			server: "Allow them in Access-Control-Allow-Headers.",
			option: "corsHeaders: add what is missing",
		},
		"redirect": {
			severity: Blocks,
			rule: "After a redirect to another origin, also from http to https, {after}; and browsers do not " +
				"follow a redirect of a preflight at all.",
			option: "publicURL: the URL that does not redirect",
		},
		"not-seen": {
			severity: Unclear,
			rule: "A session works if a cookie was set, came back, and made the service respond differently than " +
				"without it. The doctor has not seen that.",
			option: "none: the doctor needs to see more",
		},
		"bearer-token": {
			severity: Unclear,
			rule: "The service knows its visitors by a token in a header, not by a cookie: credentials, SameSite and " +
				"Secure do not matter, and browsers neither keep nor send the token.",
			client: "Keep the token in the page, and send Authorization{scheme} with each request.",
			option: "none: the emitted service has cookies",
		},
		"cookie-on-preflight": {
			severity: Blocks,
			rule:     "Browsers ignore cookies in the response to a preflight (OPTIONS), and send none with it.",
			server:   "Set the cookie in the response to the request itself.",
			option:   "none: the emitted service does",
		},
		"cookie-folded": {
			severity: Blocks,
			rule: "Each cookie needs its own Set-Cookie header: browsers read the first cookie in a header, and " +
				"treat the rest as its attributes.",
			server: "Send one header per cookie; look for a gateway or function that joins them with a comma.",
			option: "none: look at the proxy",
		},
		"csrf-unreadable": {
			severity: Blocks,
			rule: "The service expects its anti-forgery token in a header, but the page cannot read the cookie " +
				"that holds it.",
			server: "Set that cookie with the Domain of both hosts and without HttpOnly, or return the " +
				"token in a body.",
			client: "Read the token from a response, and send it with each request that changes something.",
			option: "none: the emitted service keeps no such token in a cookie",
		},
		"csrf-untrusted": {
			severity: Blocks,
			rule:     "The service's protection against forged requests does not trust the page's origin.",
			server: "Trust {page} in that protection as well, with the same list as for CORS (Go: " +
				"CrossOriginProtection.AddTrustedOrigin; Django: CSRF_TRUSTED_ORIGINS).",
			option: "corsOrigins: add {page}",
		},
		"no-set-cookie": {
			severity: Blocks,
			rule:     "Without a Set-Cookie header the next request has no session.",
			option:   "publicURL",
		},
		"cross-site-samesite": {
			severity: Blocks,
			rule: "Page and service are different sites, and browsers keep and send only SameSite=None cookies " +
				"across sites; without SameSite, Chrome and Edge take a cookie for Lax.",
			server: "Bring both under one site (app.example.com, api.example.com), or send SameSite=None; Secure; " +
				"Partitioned over https.",
			option: "sameSite: auto, and corsOrigins: add {page}",
		},
		"localhost-names": {
			severity: Blocks,
			rule: "localhost, 127.0.0.1, [::1] and names under .localhost are different sites for cookies, although " +
				"they are one machine.",
			client: "Use one name for both, in the address bar and in the URL that the page calls.",
			option: "publicURL and corsOrigins: use one host name",
		},
		"schemeful": {
			severity: Blocks,
			rule: "http and https of one host are different sites, so SameSite=Lax and Strict cookies do not pass " +
				"between them.",
			server: "Serve page and service both over https.",
			option: "publicURL and corsOrigins: https for both",
		},
		"third-party-blocked": {
			severity: Warns,
			rule: "Page and service are different sites, so this is a third-party cookie: Safari, private windows " +
				"and Chromium where the visitor blocks them drop it unless it is Partitioned.",
			server: "Add Partitioned to the cookie, or bring both under one site.",
			option: "partitioned: auto",
		},
		"none-without-secure": {
			severity: Blocks,
			rule:     "All browsers but Safari drop a SameSite=None cookie that is not Secure.",
			server:   "Add Secure and serve over https.",
			option:   "secure: auto",
		},
		"partitioned-without-secure": {
			severity: Blocks,
			rule: "Chrome and Firefox drop a Partitioned cookie that is not Secure; only Firefox says so, in its " +
				"console.",
			server: "Add Secure and serve over https.",
			option: "secure: auto",
		},
		"secure-over-http": {
			severity: Blocks,
			rule:     "Browsers drop a Secure cookie that comes over plain http, except from this machine.",
			server:   "Serve over https, or leave Secure out while the service is on plain http.",
			option:   "secure: auto, and publicURL as browsers see it",
		},
		"secure-on-localhost": {
			severity: Warns,
			rule:     "Chrome and Firefox keep a Secure cookie from http://localhost; Safari drops it.",
			server: "Use https in development too; or, with one host name for page and service, SameSite=Lax without " +
				"Secure, Partitioned and a __Host- or __Secure- prefix.",
			option: "sameSite, secure, partitioned and cookiePrefix: auto, key without a prefix, and one host name " +
				"in publicURL and corsOrigins",
		},
		"cookie-domain": {
			severity: Blocks,
			rule: "Domain must be the service's host or a parent of it, without scheme and port; otherwise browsers " +
				"drop the cookie.",
			server: "Leave Domain out.",
			option: "domain: leave empty",
		},
		"cookie-suffix": {
			severity: Blocks,
			rule:     "Browsers drop a cookie whose Domain is a public suffix, because strangers own names under it.",
			server:   "Leave Domain out.",
			option:   "domain: leave empty",
		},
		"cookie-prefix": {
			severity: Blocks,
			rule: "A name with __Secure-, __Host- or __Http- is a promise: Secure for all; __Host- also Path=/ and " +
				"no Domain; __Http- also HttpOnly. Browsers drop a cookie that breaks it.",
			server: "Send what the prefix promises, or choose another name.",
			option: "cookiePrefix: auto",
		},
		"cookie-path": {
			severity: Blocks,
			rule:     "A cookie is sent only to URLs below its Path.",
			server:   "Send Path=/.",
			option:   "path: /",
		},
		"cookie-too-big": {
			severity: Blocks,
			rule:     "Browsers drop a cookie whose name and value are longer than 4096 bytes together.",
			server:   "Keep the session in a store on the server, and only its id in the cookie.",
			option:   "store: memory, sqlite, postgres or redis",
		},
		"cookie-expired": {
			severity: Blocks,
			rule:     "Browsers delete a cookie whose Expires or Max-Age has passed.",
			server:   "Send a time in the future, or none; check the server's clock.",
			option:   "maxAge",
		},
		"cookie-name": {
			severity: Blocks,
			rule: "A control character makes browsers drop the cookie; Go's net/http silently drops a name that is " +
				"not a token of RFC 6265, such as koa:sess.",
			server: "Use a name of letters, digits, dots and hyphens, such as koa.sess, and encode a value that may " +
				"hold control characters, for example with base64url.",
			option: "key: koa.sess",
		},
		"session-changes": {
			severity: Warns,
			rule:     "The service received the cookie and still started another session.",
			server: "Let all instances share one store and one signing key, keep both across restarts, and save the " +
				"session before the response starts.",
			option: "store: one that instances share; keep the signing keys across restarts",
		},
		"mixed-content": {
			severity: Blocks,
			rule: "Browsers block calls of an https page to plain http, except on this machine; if the service is in " +
				"the local network, Chrome asks the visitor for permission instead.",
			server: "Serve the service over https.",
			option: "publicURL: https",
		},
		"local-network": {
			severity: Blocks,
			rule: "A page on the internet may call this machine or the local network only after the visitor has " +
				"allowed it, and not at all from plain http.",
			server: "Give the service a public address, or run page and service in one network.",
			option: "publicURL: the public one",
		},
		"certificate": {
			severity: Blocks,
			rule: "Browsers do not send a request to a server whose certificate they do not trust; the page sees " +
				"only \"Failed to fetch\".",
			server: "Install a certificate for {host} that the visitors' machines trust.",
			client: "In development, visit {api} once and accept the certificate.",
			option: "none: look at the TLS proxy",
		},
		"not-listening": {
			severity: Blocks,
			rule:     "Nothing responds at that address; the page sees only \"Failed to fetch\".",
			server:   "Start the service, or check host and port.",
			client:   "Check the URL that the page calls.",
			option:   "publicURL",
		},
		"wrong-scheme": {
			severity: Blocks,
			rule: "The port speaks http where the URL says https, or the reverse; the page sees only \"Failed to " +
				"fetch\" or a CORS error.",
			client: "Call the service at {other}.",
			option: "publicURL: the right scheme",
		},
		"corp": {
			severity: Blocks,
			rule:     "Cross-Origin-Resource-Policy forbids the page to show the image, which no CORS header changes.",
			server:   "Send Cross-Origin-Resource-Policy: {corp} with the image.",
			client:   "Load it with fetch instead of <img>.",
			option:   "none: publicURL and corsOrigins decide it",
		},
		"csp": {
			severity: Blocks,
			rule:     "The page's own Content-Security-Policy does not allow it to call the service.",
			client:   "In the page's policy, {remedy}.",
			option:   "none: it is the page's header",
		},
		"vary": {
			severity: Warns,
			rule: "The response depends on Origin and does not say so: a cache can serve it to another page, " +
				"where it fails.",
			server: "Send Vary: Origin with every response.",
			option: "none: the emitted service always sends it",
		},
		"cacheable": {
			severity: Warns,
			rule: "A cached response with Set-Cookie gives one visitor's session to the next, or a page a captcha " +
				"that the server has forgotten.",
			server: "Send Cache-Control: no-store.",
			option: "none: the emitted service always sends it",
		},
		"reflects-any-origin": {
			severity: Warns,
			rule: "Strangers' pages can read your visitors' data with their session: the service allows an origin " +
				"that anyone can have, with cookies.",
			server: "Compare Origin with a list of whole origins, without null. An option such as credentials: true " +
				"without a list allows every origin.",
			option: "corsOrigins: list each front end",
		},
		"error-without-cors": {
			severity: Warns,
			rule:     "Error responses have no CORS headers, so the page sees \"CORS error\" instead of the status.",
			server:   "Put CORS outermost, around whatever writes errors, and set the headers before the handler runs.",
			option:   "none: look at the order in internal/web/routes.go, and at the proxy",
		},
		"samesite-unset": {
			severity: Warns,
			rule: "Without SameSite, Chrome and Edge assume Lax, but send the cookie with forged form posts for two " +
				"minutes after it was set; other browsers may send it everywhere.",
			server: "Write SameSite=Lax.",
			option: "sameSite: auto",
		},
		"httponly": {
			severity: Warns,
			rule:     "Without HttpOnly every script in the page can read the session and send it away.",
			server:   "Add HttpOnly.",
			option:   "httpOnly: true",
		},
		"duplicate-cookie": {
			severity: Warns,
			rule: "The cookie is set twice. Of two with the same Domain and Path browsers keep the last, else both, " +
				"and servers differ in which one they read.",
			server: "Set the cookie in one place, always with the same Domain and Path; expire one with another " +
				"Domain or Path once.",
			option: "none: look for a second Set-Cookie in proxy and middleware",
		},
	}
}

// replace fills a placeholder that only the place of the finding knows.
func (f *Finding) replace(placeholder, text string) {
	text = clean(text)
	f.Rule, f.Server, f.Client = strings.ReplaceAll(f.Rule, placeholder, text), strings.ReplaceAll(f.Server,
		placeholder, text), strings.ReplaceAll(f.Client, placeholder, text)
}

// choose sets the option of a project's finding where there is another than the usual one.
func (f *Finding) choose(option string) {
	if f.Option != "" && option != "" {
		f.Option = option
	}
}

// lookAtHandler is said where no option helps.
const lookAtHandler = "none: look at the handler of this request, and at the service's log"

// credentialsRemedy says how a client of Options.Client asks for cookies.
func credentialsRemedy(client string) string {
	switch client {
	case "fetch":
		return "Pass credentials: 'include' to every fetch, including the one that loads the captcha."
	case "axios":
		return "Set axios.defaults.withCredentials = true once, before the first request."
	case "img":
		return "The <img> keeps its cookie by itself; the calls after it must ask for cookies too: fetch(url, " +
			"{credentials: 'include'}), or axios.defaults.withCredentials = true."
	}
	return "Use fetch(url, {credentials: 'include'}) in every call, including the one that loads the captcha, or " +
		"axios.defaults.withCredentials = true."
}

// Codes returns every code a finding can have, sorted.
func Codes() []string { return slices.Sorted(maps.Keys(rules())) }
