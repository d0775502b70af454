package e2e

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// venues are browsers for many short set-ups: to start one takes several times as long as what a set-up does in it.
// Each set-up has a browser for itself while it is there, with the names as it maps them, and a browser context of its
// own, which shares no cookie, cache or connection with those before. Third-party cookies are blocked.
type venues struct {
	life    *testing.T // they are closed when it ends
	origins []string   // of all set-ups, whose certificates are of one key

	mu   sync.Mutex
	free []*venue
}

// venue is one of the browsers.
type venue struct {
	*browser
	rules hosts // lead each origin to a listener of the venue, see connect

	mu  sync.Mutex
	now *hosts // of the set-up that is there, or nil
}

// visit opens a page in a browser that reaches the hosts until the test ends, and does not wait for it to load.
func (v *venues) visit(t *testing.T, h *hosts, url string) *tab {
	t.Helper()
	there := v.take(t, h.cert)
	there.become(h)
	t.Cleanup(func() {
		there.become(nil)
		v.mu.Lock()
		defer v.mu.Unlock()
		v.free = append(v.free, there)
	})
	own, err := chromedp.CallBrowser(there.ctx, target.CreateBrowserContext, target.CreateBrowserContextParams{})
	if err != nil {
		t.Fatalf("make a browser context: %v", err)
	}
	t.Cleanup(func() {
		chromedp.CallBrowser(there.ctx, target.DisposeBrowserContext,
			target.DisposeBrowserContextParams{BrowserContextID: own.BrowserContextID})
	})
	yes := true // without a window, which takes most of the time
	page, err := chromedp.CallBrowser(there.ctx, target.CreateTarget, target.CreateTargetParams{URL: url,
		BrowserContextID: own.BrowserContextID, Background: &yes, Hidden: &yes})
	if err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return there.tab(t, chromedp.WithTargetID(page.TargetID))
}

// take returns a browser that nobody uses, a new one if there is none.
func (v *venues) take(t *testing.T, cert tls.Certificate) *venue {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if n := len(v.free); n > 0 {
		there := v.free[n-1]
		v.free = v.free[:n-1]
		return there
	}
	there := &venue{rules: hosts{t: t, cert: cert}}
	for _, origin := range v.origins {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		v.life.Cleanup(func() { l.Close() })
		there.rules.rule(origin, l.Addr().String())
		go there.connect(l, address(origin))
	}
	ctx, err := launch(v.life, chromium(t), &there.rules, blocked,
		chromedp.Flag("disable-features", "SpareRendererForSitePerProcess"))
	if err != nil {
		t.Fatal(err)
	}
	there.browser = &browser{t: v.life, ctx: ctx}
	return there
}

func (v *venue) become(h *hosts) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now = h
}

// connect joins what comes to the listener with who answers under the name now. Without such a one the connection
// is closed.
func (v *venue) connect(l net.Listener, name string) {
	for {
		in, err := l.Accept()
		if err != nil {
			return
		}
		v.mu.Lock()
		to, known := "", false
		if v.now != nil {
			to, known = v.now.find(name)
		}
		v.mu.Unlock()
		if !known {
			in.Close()
			continue
		}
		go func() {
			defer in.Close()
			out, err := net.Dial("tcp", to)
			if err != nil {
				return
			}
			defer out.Close()
			go func() {
				io.Copy(out, in)
				out.(*net.TCPConn).CloseWrite()
			}()
			io.Copy(in, out)
		}()
	}
}
