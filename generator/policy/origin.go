package policy

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// maxOrigin bounds what is parsed; a host name has at most 253 bytes.
const maxOrigin = 1024

// Origin is an http or https origin. [ParseOrigin] makes one; the zero value is none. Origins compare with ==.
type Origin struct {
	scheme string
	host   string     // name in lower-case ASCII, or the address without brackets
	addr   netip.Addr // valid if host is an address
	port   uint16     // 0: the scheme's default
}

// ParseOrigin reads an origin and spells it as browsers write it in the Origin header: lower case, no default port, no
// slash at the end, international names in punycode, addresses in their shortest form. note says what was changed, and
// is "" if nothing was. Anything but an http or https origin is refused with a [*problem.Problem]: "*", "null", paths,
// queries, user names, patterns, other schemes, ports that browsers block.
func ParseOrigin(raw string) (o Origin, note string, err error) {
	o, changes, err := parse(raw)
	if err != nil {
		return Origin{}, "", err
	}
	if o.String() == raw {
		return o, "", nil
	}
	return o, fmt.Sprintf("%s is taken as %s: %s", quote(raw), o, strings.Join(changes, ", ")), nil
}

// ParseServiceURL is [ParseOrigin] for the origin of a service, whose hints do not speak of pages.
func ParseServiceURL(raw string) (o Origin, note string, err error) {
	o, note, err = ParseOrigin(raw)
	var r *problem.Problem
	if !errors.As(err, &r) {
		return o, note, err
	}
	if r.Code == "origin-empty" {
		r.Hint = "write one such as http://localhost:8080"
	}
	ofPages := []string{"origin-star", "origin-null", "origin-pattern", "origin-list"}
	if slices.Contains(ofPages[:3], r.Code) {
		r.Fact = quote(strings.TrimSpace(raw)) + " is not the URL of a service"
	}
	if slices.Contains(ofPages, r.Code) || r.Code == "origin-scheme" && strings.Contains(raw, "://") {
		r.Hint = "give the service's own URL, such as http://localhost:8080"
	}
	return o, note, err
}

// String returns the serialization of the HTML standard ("serialization of an origin"), and "" for the zero value.
func (o Origin) String() string {
	if o == (Origin{}) {
		return ""
	}
	return o.scheme + "://" + o.Host()
}

// Scheme is "http" or "https".
func (o Origin) Scheme() string { return o.scheme }

// HTTPS reports whether the scheme is https.
func (o Origin) HTTPS() bool { return o.scheme == "https" }

// Host is the host with its port, if that is not the scheme's default, as the Host header has it.
func (o Origin) Host() string {
	if o.port == 0 {
		return o.bracketed()
	}
	return o.bracketed() + ":" + strconv.Itoa(int(o.port))
}

// Hostname is the name in lower-case ASCII, or the address without brackets.
func (o Origin) Hostname() string { return o.host }

// Addr is the host if it is an address, else the zero value.
func (o Origin) Addr() netip.Addr { return o.addr }

// Address is the host and port that a browser connects to, in the form of [net.Dial].
func (o Origin) Address() string {
	port := o.port
	switch {
	case port != 0:
	case o.HTTPS():
		port = 443
	default:
		port = 80
	}
	return net.JoinHostPort(o.host, strconv.Itoa(int(port)))
}

// Strings returns the origins as [Origin.String] spells them.
func Strings(origins []Origin) []string {
	var list []string
	for _, o := range origins {
		list = append(list, o.String())
	}
	return list
}

func (o Origin) bracketed() string {
	if o.addr.Is6() {
		return "[" + o.host + "]"
	}
	return o.host
}

// parse reads an origin as the URL standard does, but refuses what an origin cannot hold.
func parse(raw string) (o Origin, changes []string, err error) {
	refuse := func(code, fact, hint string) (Origin, []string, error) {
		return Origin{}, nil, &problem.Problem{Code: code, Fact: fact, Hint: hint}
	}
	if len(raw) > maxOrigin {
		return refuse("origin-too-long", fmt.Sprintf("an origin of %d bytes is too long", len(raw)),
			"write scheme://host or scheme://host:port")
	}
	s := strings.Trim(raw, " \t\r\n")
	if s != raw {
		changes = append(changes, "spaces around it are dropped")
	}
	switch {
	case s == "":
		return refuse("origin-empty", "the origin is empty", "write one such as http://localhost:5173")
	case s == "*":
		return refuse("origin-star", `"*" would let every web site use your visitors' sessions, `+
			"and browsers refuse it together with cookies", "list each front end, such as https://app.example.com")
	case strings.EqualFold(s, "null"):
		return refuse("origin-null", `"null" is the origin of sandboxed frames and local files, `+
			"which any web site can create",
			"serve the page over http and list its origin, such as http://localhost:5173")
	case strings.Count(s, "://") > 1:
		return refuse("origin-list", quote(s)+" is more than one origin", "give each origin by itself")
	}
	i := strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == '\\' || r == '"' || r == '<' || r == '>' || r == '`' || r == '\''
	})
	if i >= 0 {
		return refuse("origin-character", fmt.Sprintf("%s holds the character %q, which no origin has", quote(s), s[i]),
			"write scheme://host or scheme://host:port")
	}
	scheme, rest, found := strings.Cut(s, "://")
	if !found {
		meant, hint := withScheme(s)
		if _, _, err := parse(meant); meant != "" && err != nil {
			return Origin{}, nil, err // which the scheme would not help
		}
		return refuse("origin-scheme", fmt.Sprintf("%s does not begin with http:// or https://", quote(s)), hint)
	}
	if lower := strings.ToLower(scheme); lower != scheme {
		changes, scheme = append(changes, "lower case"), lower
	}
	if scheme != "http" && scheme != "https" {
		fact, hint := otherScheme(scheme)
		return refuse("origin-scheme", fmt.Sprintf("%s is %s", quote(s), fact), hint)
	}
	o.scheme = scheme

	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	// What the rest would be refused for comes first: without it the remedy would be refused, too.
	if bare := authority[strings.LastIndexByte(authority, '@')+1:]; bare != "" && bare != rest {
		if _, _, err := parse(scheme + "://" + bare); err != nil {
			return Origin{}, nil, err
		}
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		return refuse("origin-userinfo", fmt.Sprintf("%s holds a user name, which no origin has",
			quote(scheme+"://...@"+authority[at+1:])),
			fmt.Sprintf("write %s", quote(scheme+"://"+authority[at+1:])))
	}
	switch {
	case tail == "":
	case tail != "/" && authority != "":
		return refuse("origin-path", fmt.Sprintf("%s is more than an origin: %s does not belong to it", quote(s),
			quote(tail)),
			fmt.Sprintf("write %s", quote(scheme+"://"+authority)))
	default:
		changes = append(changes, "no slash at the end")
	}
	host, port := authority, ""
	if colon := strings.LastIndexByte(authority, ':'); colon > strings.LastIndexByte(authority, ']') {
		host, port = authority[:colon], authority[colon+1:]
		if port == "" {
			changes = append(changes, "no colon without a port")
		}
	}
	if change, refusal := o.setHost(host); refusal != nil {
		refusal.Fact = quote(s) + " " + refusal.Fact
		return Origin{}, nil, refusal
	} else if change != "" && !slices.Contains(changes, change) {
		changes = append(changes, change)
	}
	if port != "" {
		change, refusal := o.setPort(port)
		if refusal != nil {
			refusal.Fact = quote(s) + " " + refusal.Fact
			return Origin{}, nil, refusal
		}
		if change != "" {
			changes = append(changes, change)
		}
	}
	return o, changes, nil
}

// withScheme is what is meant by an origin without a scheme, or with half of one, and the remedy that says so.
func withScheme(s string) (meant, hint string) {
	scheme, host, or := "http://", s, " or the same with https"
	for _, typed := range []string{"https", "http"} {
		if rest, ok := strings.CutPrefix(s, typed); ok && strings.TrimLeft(rest, "/:") != rest {
			scheme, host, or = typed+"://", rest, ""
			break
		}
	}
	host = strings.TrimLeft(host, "/:")
	if i := strings.IndexAny(host, "/?#"); i >= 0 {
		host = host[:i]
	}
	if host == "" {
		return "", "write scheme://host or scheme://host:port"
	}
	if len(host) <= 5 && strings.Trim(host, "0123456789") == "" { // :8080, as a server listens
		host = "localhost:" + host
	}
	return scheme + host, "write " + quote(scheme+host) + or
}

func (o *Origin) setPort(port string) (change string, refusal *problem.Problem) {
	digits := strings.Trim(port, "0123456789") == ""
	n, err := strconv.ParseUint(port, 10, 16)
	switch {
	case !digits || err != nil || n == 0:
		return "", &problem.Problem{Code: "origin-port", Fact: fmt.Sprintf("has the invalid port %s", quote(port)),
			Hint: "give a number from 1 to 65535"}
	case slices.Contains(badPorts[:], uint16(n)):
		return "", &problem.Problem{Code: "origin-bad-port", Fact: fmt.Sprintf("has the port %d, to which browsers "+
			"refuse to connect", n), Hint: "choose another, such as 8080"}
	case o.scheme == "http" && n == 80, o.scheme == "https" && n == 443:
		return "no default port", nil
	}
	o.port = uint16(n)
	if strconv.FormatUint(n, 10) != port {
		change = "no zeros before the port"
	}
	return change, nil
}

// setHost takes a name or an address. Facts of its refusals continue a sentence that starts with the origin.
func (o *Origin) setHost(host string) (change string, refusal *problem.Problem) {
	refuse := func(code, fact, hint string) (string, *problem.Problem) {
		return "", &problem.Problem{Code: code, Fact: fact, Hint: hint}
	}
	unspecified := func() (string, *problem.Problem) {
		return refuse("origin-unspecified", "has the address on which servers listen, not one that browsers visit",
			"write localhost or the machine's name")
	}
	if host == "" {
		return refuse("origin-host", "has no host", "write scheme://host or scheme://host:port")
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		if !closed || err != nil || !addr.Is6() || addr.Zone() != "" {
			return refuse("origin-host", "has no valid IPv6 address",
				"write it like http://[::1]:5173, without a zone")
		}
		if addr.IsUnspecified() {
			return unspecified()
		}
		o.addr, o.host = addr, formatIPv6(addr)
		if o.host != inner {
			change = "the shortest form of the address"
		}
		return change, nil
	}
	if strings.Contains(host, "*") {
		return refuse("origin-pattern", "is a pattern, and any subdomain that matches could use your "+
			"visitors' sessions", "list each front end in full")
	}
	if strings.Contains(host, ",") { // a list with one "://" at most: a.test,b.test
		return refuse("origin-list", "is more than one origin", "give each origin by itself")
	}
	if strings.ContainsAny(host, ":[]") {
		return refuse("origin-host", "has no valid host",
			"write an IPv6 address in brackets, such as http://[::1]:5173")
	}
	name := host
	if trimmed := strings.TrimSuffix(name, "."); trimmed != name && trimmed != "" {
		name, change = trimmed, "no dot at the end"
	}
	ascii, err := toASCII(name)
	if err != nil {
		return refuse("origin-host", "has a host that is not a domain name",
			"write a name such as app.example.com: letters, digits and hyphens, with single dots between the parts")
	}
	if ascii != name {
		if isASCII(name) {
			change = "lower case"
		} else {
			change = "international letters in punycode"
		}
	}
	// The URL standard reads every host whose last label is a number as IPv4, also 0x7f.1 and 2130706433.
	if last := ascii[strings.LastIndexByte(ascii, '.')+1:]; isNumber(last) {
		addr, err := netip.ParseAddr(ascii)
		if err != nil {
			return refuse("origin-host", "has a host that looks like an IP address but is not valid",
				"write four decimal numbers, such as 127.0.0.1")
		}
		if o.addr = addr; addr.IsUnspecified() {
			return unspecified()
		}
	}
	o.host = ascii
	return change, nil
}

// toASCII maps a name as browsers do (UTS 46, not transitional), and holds the result to letters, digits and hyphens.
func toASCII(name string) (string, error) {
	if !isASCII(name) {
		profile := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.StrictDomainName(true))
		ascii, err := profile.ToASCII(name)
		if err != nil {
			return "", err
		}
		name = ascii
	}
	name = strings.ToLower(name)
	if len(name) > 253 {
		return "", fmt.Errorf("host of %d bytes, limit 253", len(name))
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return "", fmt.Errorf("label of %d bytes, limits 1 and 63", len(label))
		}
		for _, c := range []byte(label) {
			// The underscore is not part of a host name, but container names have it and browsers take it.
			if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
				return "", fmt.Errorf("character %q", c)
			}
		}
		if strings.HasPrefix(label, "xn--") {
			if _, err := idna.Lookup.ToUnicode(label); err != nil {
				return "", err
			}
		}
	}
	return name, nil
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 0x7f }) < 0
}

// isNumber is the URL standard's "ends in a number" for one lower-case label.
func isNumber(label string) bool {
	if strings.Trim(label, "0123456789") == "" {
		return true
	}
	hex, ok := strings.CutPrefix(label, "0x")
	return ok && strings.Trim(hex, "0123456789abcdef") == ""
}

// formatIPv6 differs from [netip.Addr.String] for IPv4-mapped addresses only, which the URL standard writes in
// hexadecimal.
func formatIPv6(addr netip.Addr) string {
	if !addr.Is4In6() {
		return addr.String()
	}
	b := addr.As16()
	return fmt.Sprintf("::ffff:%x:%x", uint16(b[12])<<8|uint16(b[13]), uint16(b[14])<<8|uint16(b[15]))
}

// quote quotes input for a message and shortens what nobody would read. Letters of
// any script stay; what a terminal does not print is escaped.
func quote(s string) string {
	const limit = 120
	if len(s) > limit {
		s = s[:limit] + "..."
	}
	return strconv.Quote(s)
}

// badPorts are the ports to which browsers refuse to connect (Fetch standard, "bad port").
var badPorts = [...]uint16{
	1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
	110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530,
	531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190,
	5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
}

// otherScheme says what a scheme that is neither http nor https stands for, and
// what works there; docs/apps.md has more.
func otherScheme(scheme string) (fact, hint string) {
	switch {
	case strings.HasSuffix(scheme, "-extension"):
		return "a browser extension, which needs no entry",
			"leave it out, and give the extension host_permissions for the service: cookies and requests then work"
	case scheme == "capacitor" || scheme == "ionic":
		return "the page of a Capacitor app on iOS, to which browsers give no cookies of other sites",
			"leave it out, and enable CapacitorHttp and CapacitorCookies in the app: requests then need no CORS"
	case scheme == "tauri":
		return "the page of a Tauri app, to which browsers give no cookies of other sites",
			"leave it out, and make the requests with the app's HTTP plugin, its feature unsafe-headers and the " +
				"header Origin: \"\""
	case scheme == "app" || scheme == "file":
		return "a page that an app or a file shows, and any other can claim the same origin",
			"leave it out, and make the requests in the app's main process, or load the page from https"
	case scheme == "ws" || scheme == "wss":
		return "the address of a WebSocket, whose origin is that of its page",
			"give the page's origin, over http or https"
	}
	return "neither http nor https", "write one that begins with http:// or https://"
}
