package zoo

import (
	"net/http"

	"github.com/sessionseed/sessionseed/generator/doctor"
)

// Specimen is one service with its page.
type Specimen struct {
	Name      string
	Page, API string // origins; the names need no resolver, see Habitat

	// Codes are the findings that the doctor must make, no more and no fewer.
	Codes []string
	// Verdict is the doctor's. A real browser's must agree: Works and WorksExcept work, the others fail.
	Verdict doctor.Verdict
	// Unjudged says why a browser on one machine cannot be asked. Empty: it can.
	Unjudged string

	// Options adds to the doctor's options what a caller would declare. May be nil.
	Options func(*doctor.Options)
	// Token is the anti-forgery cookie that the page sends back, and the header for it: "XSRF-TOKEN:X-XSRF-TOKEN".
	Token string

	service                  http.Handler
	pageHeader               http.Header
	certificate, listen, tls bool // what is not as the origin's scheme says
}

// Origins of the specimens: reserved names (RFC 2606, RFC 6761) and a private address (RFC 1918). Nothing real is
// asked: see Habitat.DialContext.
const (
	pageLocal, apiLocal = "http://localhost:5173", "http://localhost:8080"
	pageHTTPS, apiHTTPS = "https://app.site.test", "https://api.site.test"
	pageOther           = "https://front.elsewhere.test"
	pageLAN, apiLAN     = "http://10.1.2.3:5173", "http://10.1.2.3:8080"
)

// Attributes of the cookie that are right for each class.
const (
	attributesHTTPS = "; Path=/; HttpOnly; Secure; SameSite=Lax"
	attributesCross = "; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"
)

// local is a fault of a service on a port of localhost.
func local(name string, codes []string, s *service) Specimen {
	return Specimen{Name: name, Page: pageLocal, API: apiLocal, Codes: codes, service: s.at(pageLocal)}
}

// secured is a fault of a service on https, with the page on a sibling subdomain.
func secured(name string, codes []string, s *service) Specimen {
	if s.attributes == "" {
		s.attributes = attributesHTTPS
	}
	return Specimen{Name: name, Page: pageHTTPS, API: apiHTTPS, Codes: codes, service: s.at(pageHTTPS)}
}

// between is a fault of the pair of page and service.
func between(name, page, api string, codes []string, s *service) Specimen {
	return Specimen{Name: name, Page: page, API: api, Codes: codes, service: s.at(page)}
}

// with adds what a caller declares to the doctor.
func with(s Specimen, options func(*doctor.Options)) Specimen {
	s.Options = options
	return s
}

// csp gives the page a Content-Security-Policy.
func csp(s Specimen, policy string) Specimen {
	s.pageHeader = http.Header{"Content-Security-Policy": {policy}}
	return s
}

// unjudged says why no browser is asked about a specimen.
func unjudged(why string, s Specimen) Specimen {
	s.Unjudged = why
	return s
}

func named(name string, s Specimen) Specimen {
	s.Name = name
	return s
}

// client is an option of the doctor: how the front end calls.
func client(c string) func(*doctor.Options) {
	return func(o *doctor.Options) { o.Client = c }
}
