package policy

import (
	"fmt"
	"slices"
	"strings"
)

// maxKey bounds the cookie's name; browsers take 4096 bytes for name and value together.
const maxKey = 128

// readName reads the options key and cookiePrefix.
func (c *chooser) readName() {
	key := c.in.Key
	c.keyed = PrefixOf(key)
	bad := strings.IndexFunc(key, func(r rune) bool { return !isTokenRune(r) })
	switch {
	case key == "":
		c.refuse("key", "cookie-name", "the cookie has no name", "set key to a name such as sid")
	case len(key) > maxKey:
		c.refuse("key", "cookie-name", fmt.Sprintf("a cookie name of %d bytes is too long, the limit is %d", len(key),
			maxKey), "set key to a short name such as sid")
	case bad >= 0:
		r := []rune(key[bad:])[0]
		c.refuse("key", "cookie-name",
			fmt.Sprintf("%s is not a valid cookie name: the character %q is not allowed (RFC 6265), and Go's net/http "+
				"silently drops such a cookie", quote(key), r),
			hintKey(key))
	case strings.ContainsAny(key, "'`&$"):
		c.refuse("key", "cookie-name",
			fmt.Sprintf("%s is a legal cookie name, but one that shells, HTML and env files read differently",
				quote(key)), hintKey(key))
	case strings.EqualFold(key, c.keyed) && c.keyed != "":
		c.refuse("key", "cookie-name", fmt.Sprintf("%s is only a prefix", quote(key)),
			"add a name, such as "+c.keyed+"sid")
	case c.keyed != "" && !strings.HasPrefix(key, c.keyed):
		c.refuse("key", "cookie-prefix", fmt.Sprintf("browsers hold %s to the rules of %s, other software does not "+
			"see the prefix", quote(key), c.keyed),
			"write "+c.keyed+key[len(c.keyed):])
	}
	if auto(strings.ToLower(c.in.Prefix)) {
		return
	}
	switch v := strings.ToLower(c.in.Prefix); v {
	case "none":
		c.prefix = v
	case "host":
		c.prefix = "__Host-"
	case "secure":
		c.prefix = "__Secure-"
	default:
		i := slices.IndexFunc(prefixes[:], func(p string) bool { return strings.EqualFold(p, v) })
		if i < 0 {
			c.refuse("cookiePrefix", "cookie-prefix", fmt.Sprintf("cookiePrefix is %s, which is not a valid value",
				quote(c.in.Prefix)),
				"choose auto, host, secure, none")
			return
		}
		c.prefix = prefixes[i]
	}
	if c.keyed != "" && c.prefix != "none" {
		c.refuse("cookiePrefix", "cookie-prefix", fmt.Sprintf("key %s has a prefix already", quote(key)),
			"set cookiePrefix: auto, or take the prefix out of key")
	}
}

// wantedPrefix is the prefix that was asked for, by option or in the key, or "".
func (c *chooser) wantedPrefix() string {
	if c.keyed != "" {
		return c.keyed
	}
	if c.prefix == "none" {
		return ""
	}
	return c.prefix
}

// choosePrefix needs Secure, Domain and Path to be decided.
func (c *chooser) choosePrefix() {
	p := c.wantedPrefix()
	option := "cookiePrefix"
	if c.keyed != "" {
		option = "key"
	}
	switch {
	case p == "" && c.prefix == "none", p == "" && !c.d.Secure:
	case p == "" && c.d.Domain == "" && c.d.Path == "/":
		p = "__Host-"
	case p == "":
		p = "__Secure-"
	default:
		promised := c.d.Cookie()
		promised.Name = p
		for _, broken := range brokenPromises(promised) {
			c.refusePrefix(option, p, broken)
		}
	}
	c.d.CookieName = c.in.Key
	if c.keyed == "" {
		c.d.CookieName = p + c.in.Key
	}
}

// refusePrefix says which promise of a prefix the other options break.
func (c *chooser) refusePrefix(option, prefix, promise string) {
	refuse := func(fact, hint string) {
		c.refuse(option, "cookie-prefix", fmt.Sprintf("browsers drop a %s cookie %s", prefix, fact), hint)
	}
	secure := "set cookiePrefix: secure"
	if option == "key" {
		secure = "take " + prefix + " out of key and " + secure
	}
	switch promise {
	case promisesSecure:
		switch {
		case c.secure == "true": // refused as secure-over-http
		case !c.d.PublicURL.Trustworthy():
			refuse(fmt.Sprintf("that is not Secure, and Secure needs https, but publicURL is %s", c.d.PublicURL),
				"remove the prefix, or "+c.overHTTPS())
		default:
			refuse("that is not Secure", "set secure: auto")
		}
	case promisesHost:
		refuse(fmt.Sprintf("that has a Domain, and domain is %s", quote(c.d.Domain)),
			"leave domain empty, or "+secure)
	case promisesPath:
		refuse(fmt.Sprintf("whose Path is not /, and path is %s", quote(c.d.Path)),
			"set path: /, or "+secure)
	case promisesHTTPOnly:
		refuse("that is not HttpOnly", "set httpOnly: true")
	}
}

// hintKey proposes a name that resembles the refused one: koa.sess for koa:sess.
func hintKey(key string) string {
	safe := strings.Map(func(r rune) rune {
		if !isTokenRune(r) || strings.ContainsRune("'`&$", r) {
			return '.'
		}
		return r
	}, key)
	if strings.Trim(safe, ".") == "" || len(safe) > maxKey {
		safe = "sid"
	}
	return "set key to a name such as " + safe
}
