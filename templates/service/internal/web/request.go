package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"unicode/utf8"
)

// readJSON reads the body, decodes it and returns it, for others to decode more of it. It insists on the media
// type, because a form on any page may send text/plain across origins without a preflight.
func readJSON(r *http.Request, into any) (body []byte, err error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &problem{status: http.StatusUnsupportedMediaType, name: "not_json",
			message: "send the body as Content-Type: application/json"}
	}
	body, err = io.ReadAll(r.Body)
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return nil, err
	case err != nil:
		return nil, errBadJSON
	}
	return body, decodeJSON(body, into)
}

var errBadJSON = &problem{status: http.StatusBadRequest, name: "bad_json",
	message: "the body is not the expected JSON, or not UTF-8, which JSON has to be"}

// decodeJSON looks for UTF-8 itself: encoding/json replaces what it cannot read (RFC 8259, section 8.1).
func decodeJSON(body []byte, into any) error {
	if !utf8.Valid(body) || json.Unmarshal(body, into) != nil {
		return errBadJSON
	}
	return nil
}

// clientAddr is the address that limits are counted by. It is the invalid address when the server does not know it;
// all such requests share one limit.
func clientAddr(r *http.Request) netip.Addr {
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Addr().Unmap()
}
