package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/netip"
)

// maxBody is the largest request body, in bytes.
const maxBody = 64 << 10

// readJSON decodes the body. It insists on the media type, because a form on any
// page may send text/plain across origins without a preflight.
func readJSON(r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &problem{status: http.StatusUnsupportedMediaType, name: "not_json", message: "send the body as Content-Type: application/json"}
	}
	d := json.NewDecoder(r.Body)
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); err == io.EOF {
			return nil
		}
	}
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return tooLarge
	}
	return &problem{status: http.StatusBadRequest, name: "bad_json", message: "the body is not the expected JSON"}
}

// clientAddr is the address that limits are counted by. It is the invalid
// address when the server does not know it; all such requests share one limit.
func clientAddr(r *http.Request) netip.Addr {
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Addr().Unmap()
}
