package e2e

import (
	"cmp"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
)

// proxy starts an HTTP proxy that knows the hosts, for a browser that has no
// rules for names, and returns its address. Every other name does not exist.
func (h *hosts) proxy() string {
	s := httptest.NewUnstartedServer(http.HandlerFunc(h.relay))
	s.Config.ErrorLog = discardLog
	s.Start()
	h.t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.Listener.Addr().String()
}

// relay passes a request on as it is: headers of a proxy are the business of
// the one in front of the service.
func (h *hosts) relay(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	if r.Method != http.MethodConnect {
		host = net.JoinHostPort(r.URL.Hostname(), cmp.Or(r.URL.Port(), "80"))
	}
	addr, known := h.find(host)
	switch {
	case !known:
		http.Error(w, "no such host", http.StatusBadGateway)
	case r.Method == http.MethodConnect:
		tunnel(w, addr)
	default:
		(&httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(&url.URL{Scheme: "http", Host: addr})
				r.Out.Host = r.In.Host
			},
			ErrorLog: discardLog,
		}).ServeHTTP(w, r)
	}
}

// tunnel connects the client with addr until one of them ends it.
func tunnel(w http.ResponseWriter, addr string) {
	server, err := net.Dial("tcp", addr)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer server.Close()
	w.WriteHeader(http.StatusOK)
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	go func() {
		io.Copy(server, buffered)
		server.Close()
	}()
	io.Copy(client, server)
}
