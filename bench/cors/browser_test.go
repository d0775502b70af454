package main

import (
	"net/http"
	"slices"
	"strings"
)

// answer is what a middleware did with a request.
type answer struct {
	status  int
	header  http.Header
	reached bool // the handler behind it
}

// passes is the CORS check of the Fetch standard for a request with credentials.
func (a answer) passes(origin string) bool {
	return slices.Equal(a.header["Access-Control-Allow-Origin"], []string{origin}) &&
		slices.Equal(a.header["Access-Control-Allow-Credentials"], []string{"true"})
}

// preflightPasses is CORS-preflight fetch, step 7, for a request with credentials: what a browser makes of the answer.
// unsafe are the lower-case names of the headers that the script set and that need permission.
func (a answer) preflightPasses(origin, method string, unsafe []string) bool {
	if !a.passes(origin) || a.status < 200 || a.status > 299 {
		return false
	}
	methods, headers := values(a.header, "Access-Control-Allow-Methods"), values(a.header,
		"Access-Control-Allow-Headers")
	if !slices.Contains(methods, method) && method != "GET" && method != "HEAD" && method != "POST" {
		return false
	}
	for _, name := range unsafe {
		if !slices.ContainsFunc(headers, func(h string) bool { return strings.EqualFold(h, name) }) {
			return false
		}
	}
	return true
}

// readable returns the names of the answer's headers that scripts may read, without those they always may.
func (a answer) readable(origin string) []string {
	if !a.passes(origin) {
		return nil
	}
	names := values(a.header, "Access-Control-Expose-Headers")
	for i := range names {
		names[i] = strings.ToLower(names[i])
	}
	names = slices.DeleteFunc(names, func(s string) bool {
		return slices.Contains([]string{"cache-control", "content-language", "content-length", "content-type",
			"expires", "last-modified", "pragma"}, s)
	})
	slices.Sort(names)
	return names
}

// keepsFor is how long the browser remembers the preflight.
func (a answer) keepsFor() string {
	v := a.header.Get("Access-Control-Max-Age")
	if v == "" || strings.Trim(v, "0123456789") != "" {
		return "5"
	}
	return v
}

// values splits a list header into its items.
func values(h http.Header, name string) []string {
	var items []string
	for _, line := range h[name] {
		for item := range strings.SplitSeq(line, ",") {
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, item)
			}
		}
	}
	return items
}
