package e2e

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for something that is bound to happen.
const patience = time.Minute

var discardLog = log.New(io.Discard, "", 0)

// chromium finds the browser.
func chromium(t *testing.T) string {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome", "chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "Chromium is not installed: none of %s is on the PATH; on Debian: apt-get install chromium",
		strings.Join(names, ", "))
	return ""
}

// missing ends a test that lacks a program: in CI as a failure.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" && os.Getenv("CI") != "false" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// browser is one Chromium with an empty profile.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// thirdParty says what the browser does with cookies of another site than the
// page's.
type thirdParty bool

const (
	blocked thirdParty = false
	allowed thirdParty = true
)

// extension has the browser load an unpacked extension.
func extension(dir string) chromedp.ExecAllocatorOption { return chromedp.Flag("load-extension", dir) }

// open starts a browser that knows the hosts, for one test.
func open(t *testing.T, h *hosts, cookies thirdParty, more ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	ctx, err := launch(t, chromium(t), h, cookies, more...)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, ctx: ctx}
}

// launch starts the browser of the path until the test life ends, which may be another than the one that runs.
func launch(life *testing.T, path string, h *hosts, cookies thirdParty, more ...chromedp.ExecAllocatorOption) (
	context.Context, error,
) {
	profile, err := os.MkdirTemp(runDir, "profile-")
	if err != nil {
		return nil, err
	}
	mode := map[thirdParty]string{blocked: "1", allowed: "0"}[cookies]
	if err := writeNew(filepath.Join(profile, "Default", "Preferences"),
		`{"profile":{"cookie_controls_mode":`+mode+`,"block_third_party_cookies":`+map[string]string{"1": "true",
			"0": "false"}[mode]+`}}`); err != nil {
		return nil, err
	}

	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(more,
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profile),
		chromedp.NoSandbox,
		chromedp.Flag("headless", true),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("no-first-run", true),
		chromedp.Flag("no-default-browser-check", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("lang", "en-US"),
		chromedp.Flag("host-resolver-rules", h.resolverRules()),
		chromedp.Flag("ignore-certificate-errors-spki-list", h.spki()),
	)...)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	life.Cleanup(func() {
		chromedp.Cancel(ctx)
		cancel()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return ctx, nil
}

// cookies returns all cookies of the browser, those of every partition too.
func (b *browser) cookies() []*network.Cookie {
	b.t.Helper()
	all, err := chromedp.CallBrowser(b.ctx, storage.GetCookies, storage.GetCookiesParams{})
	if err != nil {
		b.t.Fatalf("read cookies: %v", err)
	}
	return all.Cookies
}

// sessionCookie waits for the one cookie of the service. Attackers' pages and
// the front end have none of that name.
func (b *browser) sessionCookie(name string) *network.Cookie {
	b.t.Helper()
	var found []*network.Cookie
	waitFor(b.t, "the browser to hold exactly one cookie "+name, func() bool {
		found = nil
		for _, c := range b.cookies() {
			if c.Name == name {
				found = append(found, c)
			}
		}
		return len(found) == 1
	})
	return found[0]
}

// waitFor asks again and again until done, and fails the test when patience
// ends.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for tick := 5 * time.Millisecond; !done(); tick = min(2*tick, 100*time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %s", patience, what)
		}
		time.Sleep(tick)
	}
}
