package web

import (
	"strconv"
	"strings"
)

// prefersSVG reports whether an Accept header likes image/svg+xml better than
// application/json (RFC 9110, section 12.5.1). It is true for an <img>, false
// for fetch and axios, which accept anything.
func prefersSVG(accept string) bool {
	return quality(accept, "image/svg+xml") > quality(accept, "application/json")
}

// quality is the weight of a media type in an Accept header, 0 to 1; the most
// specific range that matches decides. Malformed ranges are passed over.
func quality(accept, mediaType string) float64 {
	group, _, _ := strings.Cut(mediaType, "/")
	best, weight := 0, 0.0
	for item := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(item, ";")
		specific := 0
		switch strings.ToLower(strings.TrimSpace(name)) {
		case mediaType:
			specific = 3
		case group + "/*":
			specific = 2
		case "*/*":
			specific = 1
		}
		if specific <= best {
			continue
		}
		if q, ok := qualityValue(parameters); ok {
			best, weight = specific, q
		}
	}
	return weight
}

func qualityValue(parameters string) (q float64, ok bool) {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(name, "q") {
			continue
		}
		q, err := strconv.ParseFloat(value, 64)
		return q, err == nil && q >= 0 && q <= 1
	}
	return 1, true
}
