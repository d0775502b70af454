package cors

import (
	"net/http"
	"strings"
	"testing"
)

func BenchmarkWrap(b *testing.B) {
	h := middleware(b).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	long := strings.Repeat("a,", 256<<10)
	for _, bm := range []struct {
		name    string
		request *http.Request
	}{
		{"no origin", request("GET")},
		{"listed", request("GET", "Origin", app)},
		{"stranger", request("GET", "Origin", "https://evil.example")},
		{"preflight", request("OPTIONS", "Origin", app, "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", "content-type")},
		{"preflight of 512 KiB", request("OPTIONS", "Origin", app, "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", long)},
		{"origin of 512 KiB", request("GET", "Origin", long)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			w := discard{http.Header{}}
			for b.Loop() {
				clear(w.header)
				h.ServeHTTP(w, bm.request)
			}
		})
	}
}
