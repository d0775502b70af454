package e2e

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// tab is one page of a browser.
type tab struct {
	person
	t   *testing.T
	ctx context.Context
}

// visit opens a tab and waits until the page has loaded.
func (b *browser) visit(url string) *tab {
	b.t.Helper()
	p := b.tab(b.t)
	do(p, "visit "+url, chromedp.Navigate(url))
	return p
}

// tab opens one for a test.
func (b *browser) tab(t *testing.T, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, options...)
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx}
	p.person = person{p, t}
	if err := chromedp.Do(ctx); err != nil { // the first call must have no deadline: the tab lives as long
		t.Fatalf("open a tab: %v", err)
	}
	return p
}

// do runs an action, which must succeed before patience ends.
func do[T any](p *tab, what string, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	return value
}

func (p *tab) reload() {
	p.t.Helper()
	do(p, "reload", chromedp.Reload())
}

// eval runs JavaScript in the page, waits for its promise and decodes the value.
func eval[T any](p *tab, js string) T {
	p.t.Helper()
	return do(p, "run "+js, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
}

// is evaluates a condition once; a page that is just being replaced counts as no.
func (p *tab) is(js string) bool {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+js+")"))
	return err == nil && yes
}

// until waits for a condition of the page.
func (p *tab) until(js string) {
	p.t.Helper()
	done := false
	defer func() {
		if !done {
			p.t.Logf("the page shows:\n%s", p.text())
		}
	}()
	waitFor(p.t, js, func() bool { return p.is(js) })
	done = true
}

// text is what a person reads on the page.
func (p *tab) text() string {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		return err.Error()
	}
	return text
}

// click presses the middle of an element with the mouse, after it can be seen.
func (p *tab) click(selector string) {
	p.t.Helper()
	do(p, "wait for "+selector, chromedp.WaitEnabled(chromedp.CSS(selector)))
	do(p, "click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// typeInto replaces the text of a field, as a person or an input method does.
func (p *tab) typeInto(selector, text string) {
	p.t.Helper()
	do(p, "wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
	do(p, "select "+selector,
		chromedp.Evaluate[chromedp.Void]("document.querySelector("+quoteJS(selector)+").select()"))
	do(p, "type into "+selector, call(input.InsertText, input.InsertTextParams{Text: text}))
}

// picture returns a PNG of an element, as it is painted.
func (p *tab) picture(selector string) []byte {
	p.t.Helper()
	return do(p, "picture of "+selector, chromedp.Screenshot(chromedp.CSS(selector), chromedp.NodeVisible))
}

// wholePage returns a PNG of the page.
func (p *tab) wholePage() []byte {
	p.t.Helper()
	yes := true
	shot := page.CaptureScreenshotParams{CaptureBeyondViewport: &yes}
	return do(p, "picture of the page", call(page.CaptureScreenshot, shot)).Data
}

// pretend sets the width of the window in CSS pixels and the color scheme.
func (p *tab) pretend(width int64, scheme string) {
	p.t.Helper()
	do(p, "set the window", call(emulation.SetDeviceMetricsOverride,
		emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 2, Mobile: width < 600}))
	do(p, "set the colors", call(emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme",
			Value: scheme}}}))
}

// call is a command of the protocol as an action.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[R] {
	return func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, command, params) }
}

func quoteJS(s string) string {
	b, _ := json.Marshal(s) // a string always has a JSON form
	return string(b)
}
