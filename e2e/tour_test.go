package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var updateTour = flag.Bool("update-tour", false, "draw docs/tour.svg again")

// TestTour does what the README's picture shows, with the real generator, service, demo page and browser: a new
// project, a login from another origin, forgotten credentials and the line of the log that names the fix, and a
// regenerate that keeps an edit. The picture is drawn from what they answer, and must be the one in docs.
func TestTour(t *testing.T) {
	t.Parallel()
	work := t.TempDir()
	run := func(dir string, args ...string) string {
		out, err := command(dir, generatorBinary, args...)
		if err != nil {
			t.Fatalf("sessionseed %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(out)
	}
	created := run(work, "new", "shop", "--yes", "--module", "example.com/shop")

	top := localhost
	p := generated(t, top)
	s := &stage{service: serve(t, p, "ACCOUNT_USERNAME=demo"), hosts: newHosts(t)}
	s.hosts.forward(p.publicURL, s.addr)
	s.hosts.forward(p.origins[0], serveDemo(t, p, p.origins[0]))
	s.browser = open(t, s.hosts, allowed)
	page := s.browser.visit(p.origins[0] + "/")
	page.loggedOut()
	page.seePicture()
	page.typeInto("#username", "demo")
	page.typeInto("#password", p.password)
	page.typeInto("#code", s.answer(s.browser.sessionCookie(p.cookie).Value))
	page.click("#submit")
	page.until(`!document.querySelector("#user-card").hidden`)
	user := eval[string](page, `document.querySelector("#user").textContent`)
	good := eval[string](page, `document.querySelector("#snippet").textContent`)
	page.click("#logout")
	page.loggedOut()

	page.click("label:has(#forget)")
	forgot := eval[string](page, `document.querySelector("#snippet").textContent`)
	warned := regexp.MustCompile(`forgot to send credentials`)
	waitFor(t, "the service to name the mistake", func() bool {
		page.click("#another") // each gives a cookie that the browser drops
		page.until(`!document.querySelector("#another").disabled`)
		return warned.MatchString(strings.Join(s.log(), "\n"))
	})
	page.typeInto("#username", "demo")
	page.typeInto("#password", p.password)
	page.typeInto("#code", "abcd")
	page.click("#submit")
	page.until(`!document.querySelector("#status").hidden`)
	failed := eval[string](page, `document.querySelector("#status").innerText`)
	failed, hint, _ := strings.Cut(failed, ":")
	if !strings.HasSuffix(failed, "the cookie is lost") || !strings.Contains(hint, "did not come back.") {
		t.Fatalf("without credentials the page says %q and %q", failed, hint)
	}
	var listening, loggedIn, warning string
	for _, line := range s.log() {
		switch text := onTerminal(t, line); {
		case strings.Contains(text, "msg=listening"):
			listening = text
		case strings.Contains(text, `msg="logged in"`):
			loggedIn = text
		case warned.MatchString(text) && warning == "":
			warning = text
		}
	}

	// An edit of the owner's, in a file that the option changes too.
	shop := filepath.Join(work, "shop")
	const edit = `	log.Info("hello from shop")`
	main, err := os.ReadFile(filepath.Join(shop, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	edited := bytes.Replace(main, []byte("\tannounce(log"), []byte(edit+"\n\tannounce(log"), 1)
	writeFile(t, filepath.Join(shop, "main.go"), string(edited))
	regenerated := run(shop, "regenerate", "--store", "sqlite")
	merged, err := os.ReadFile(filepath.Join(shop, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for i, line := range strings.Split(string(merged), "\n") {
		if strings.Contains(line, "internal/store/") || line == edit {
			kept = append(kept, fmt.Sprintf("%d:%s", i+1, strings.ReplaceAll(line, "\t", "    ")))
		}
	}
	if len(edited) == len(main) {
		t.Fatalf("main.go has no announce(log to put the edit before:\n%s", main)
	}
	if len(kept) != 2 {
		t.Fatalf("main.go after the edit and regenerate:\n%s", merged)
	}

	picture, err := os.ReadFile("../templates/service/internal/captcha/testdata/AC39.svg")
	if err != nil {
		t.Fatal(err)
	}
	got := drawTour(tour{
		created: created, listening: listening, loggedIn: loggedIn, user: user, good: good, forgot: forgot,
		failed: failed + ".", warning: warning, edit: edit, regenerated: regenerated, kept: kept,
		captcha: string(picture),
	})
	const file = "../docs/tour.svg"
	if *updateTour {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("docs/tour.svg is not what this run draws: go test -run TestTour -update-tour, then look at it")
	}
}

// onTerminal is a line of the log as the service writes it to a terminal, without what differs from run to run.
func onTerminal(t *testing.T, line string) string {
	t.Helper()
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) != nil {
		return ""
	}
	var b strings.Builder
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	var attrs []any
	for _, name := range []string{"url", "cookie", "origins", "user", "origin", "path", "fix_fetch", "fix_axios"} {
		if value, ok := fields[name]; ok {
			attrs = append(attrs, name, value)
		}
	}
	level := slog.LevelInfo
	if fields["level"] == "WARN" {
		level = slog.LevelWarn
	}
	log.Log(t.Context(), level, fmt.Sprint(fields["msg"]), attrs...)
	return strings.TrimSpace(b.String())
}

// tour is what the run answered.
type tour struct {
	created, listening, loggedIn, user, good, forgot, failed, warning, edit, regenerated string

	kept    []string // numbered lines of main.go
	captcha string   // SVG
}

// Measures of the picture: units are pixels at its own size, seconds for times.
const (
	tourWidth, tourHeight = 720, 500
	tourColumns           = 76
	tourSeconds           = 30
	rowHeight             = 19
)

// painter collects the picture, and an animation for each span of time in which something shows.
type painter struct {
	body, styles bytes.Buffer
	times        map[string]bool
}

// shown is the class of what shows from one time until another.
func (p *painter) shown(from, until float64) string {
	name := fmt.Sprintf("t%.0f-%.0f", from*10, until*10)
	if !p.times[name] {
		p.times[name] = true
		percent := func(seconds float64) float64 { return seconds / tourSeconds * 100 }
		fmt.Fprintf(&p.styles, "@keyframes %s{0%%{opacity:0}%.2f%%{opacity:1}%.2f%%,100%%{opacity:0}}\n", name,
			percent(from), percent(until))
		fmt.Fprintf(&p.styles, ".%s{animation:%s %ds step-end infinite}\n", name, name, tourSeconds)
	}
	return name
}

// terminal writes lines from the top of a window, each from its own time on.
func (p *painter) terminal(top, from, until float64, lines []tourLine) {
	y := top
	for _, line := range lines {
		from += line.after
		for i, row := range wrapped(line.text) {
			y += rowHeight
			if i > 0 {
				row = "  " + row
			}
			fmt.Fprintf(&p.body, `<text class="%s %s" x="22" y="%g">%s</text>`+"\n", line.class,
				p.shown(from, until), y, html.EscapeString(row))
		}
	}
}

// tourLine is a line of a terminal: its class is its color, and it comes some seconds after the one before.
type tourLine struct {
	class, text string
	after       float64
}

func output(text string) []tourLine {
	var lines []tourLine
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, tourLine{"o", line, 0})
	}
	return lines
}

// wrapped breaks a line as a terminal of that width would, but between words.
func wrapped(text string) []string {
	var rows []string
	for len([]rune(text)) > tourColumns {
		cut := strings.LastIndex(string([]rune(text)[:tourColumns]), " ")
		if cut <= 0 {
			break
		}
		rows, text = append(rows, text[:cut]), text[cut+1:]
	}
	return append(rows, text)
}

// drawTour is the picture: text and shapes, animated by CSS. Whoever prefers no motion sees one still picture.
func drawTour(a tour) []byte {
	p := &painter{times: map[string]bool{}}

	// The first scene: a new project.
	lines := []tourLine{{"c", "$ sessionseed new shop --yes --module example.com/shop", 0.3}}
	lines = append(lines, output(a.created)...)
	lines[1].after = 1.2
	p.terminal(40, 0, 6.5, lines)

	// The second: the service and its front end, and a login.
	p.terminal(40, 6.5, 14, []tourLine{
		{"c", "$ go run . & go run ./demo", 0.2}, {"o", a.listening, 0.8}, {"g", a.loggedIn, 4}})
	p.window(7.5, 14)
	p.form(a, 7.5, 11.5, a.good, "")
	p.card(a, 11.5, 14)

	// The third: the same without credentials. It is the still picture for whoever prefers no motion, and where there
	// is none.
	p.terminal(40, 14, 22, []tourLine{
		{"d", "# the same page, without credentials; the log of the service:", 0.3}, {"w", a.warning, 2.5}})
	p.window(14, 22)
	p.form(a, 14, 22, a.forgot, a.failed)

	// The fourth: an option changes, an edit stays.
	fourth := []tourLine{
		{"d", "# a line of your own in main.go:", 0.3}, {"g", "+" + strings.ReplaceAll(a.edit, "\t", "    "), 0},
		{"o", "", 0}, {"c", "$ sessionseed regenerate --store sqlite", 1.2}}
	regenerated := output(a.regenerated)
	regenerated[0].after = 1
	fourth = append(fourth, regenerated...)
	fourth = append(fourth, tourLine{"o", "", 0}, tourLine{"c", "$ grep -nE 'store/|hello' main.go", 1.5},
		tourLine{"g", a.kept[0], 0.5}, tourLine{"g", a.kept[1], 0})
	p.terminal(40, 22, tourSeconds, fourth)

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d"
role="img">
<title>sessionseed new; a login from another origin; forgotten credentials, and the line of the log that names
the fix; an option changed, an edit kept</title>
<style>
text{font:14.5px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
.o{fill:#c9d1d9}.c{fill:#fff;font-weight:600}.g{fill:#7ee787}.w{fill:#f2cc60}.d{fill:#8b949e}
.p text{font:14px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#1a1d2b}
.p .s{fill:#5b6078;font-size:12px}.p .k{font:12px ui-monospace,Menlo,Consolas,monospace}
.p .b{fill:#9f1239}.p .v{fill:#fff;font-weight:600}.p .h{font-weight:700;font-size:19px}
[class*=" t"]{opacity:0}[class*="-220"]{opacity:1}
%[3]s@media (prefers-reduced-motion:reduce){*{animation:none!important}}
</style>
<rect width="%[1]d" height="%[2]d" rx="12" fill="#0d1117"/>
<circle cx="24" cy="20" r="6" fill="#ff5f57"/><circle cx="44" cy="20" r="6" fill="#febc2e"/>
<circle cx="64" cy="20" r="6" fill="#28c840"/>
%[4]s</svg>
`, tourWidth, tourHeight, p.styles.String(), p.body.String())
	return b.Bytes()
}

// Where the page is in the picture.
const pageTop = 176

// window draws the browser around the page.
func (p *painter) window(from, until float64) {
	fmt.Fprintf(&p.body, `<g class="p %s"><rect x="60" y="%d" width="600" height="312" rx="10" fill="#f4f5fb"/>`+
		`<rect x="60" y="%[2]d" width="600" height="34" rx="10" fill="#dcdfeb"/>`+
		`<rect x="150" y="%d" width="420" height="22" rx="11" fill="#fff"/>`+
		`<text x="166" y="%d" class="s">localhost:5173, calls localhost:8080</text></g>`+"\n",
		p.shown(from, until), pageTop, pageTop+6, pageTop+22)
}

// form draws the login form with what was typed, the line that sends the request, and what the page says.
func (p *painter) form(a tour, from, until float64, snippet, says string) {
	typed := from + 1
	y := pageTop + 66
	picture := strings.TrimSpace(a.captcha)
	picture = strings.Replace(picture, "<svg ", fmt.Sprintf(`<svg x="230" y="%d" `, y+105), 1)
	fmt.Fprintf(&p.body, `<g class="p %s"><text x="90" y="%d" class="h">Log in</text>`, p.shown(from, until), y)
	for i, label := range []string{"User name", "Password", "Characters"} {
		fmt.Fprintf(&p.body, `<text x="90" y="%d" class="s">%s</text>`+
			`<rect x="90" y="%d" width="126" height="26" rx="6" fill="#fff" stroke="#dcdfeb"/>`,
			y+24+i*48, label, y+30+i*48)
	}
	snippet = html.EscapeString(strings.TrimSpace(snippet))
	fmt.Fprintf(&p.body, "\n%s\n"+`<rect x="90" y="%d" width="126" height="32" rx="8" fill="#4f46e5"/>`+
		`<text x="132" y="%d" class="v">Log in</text>`, picture, y+172, y+193)
	for i, row := range strings.Split(snippet, "\n") {
		fmt.Fprintf(&p.body, `<text x="372" y="%d" class="k">%s</text>`, y+30+i*18, row)
	}
	mark := ""
	if says != "" {
		mark = fmt.Sprintf(`<path d="M375 %dl4 5 8-10" stroke="#4f46e5" stroke-width="2.4" fill="none"/>`, y+72)
	}
	fmt.Fprintf(&p.body, `<rect x="372" y="%d" width="16" height="16" rx="4" fill="#fff" stroke="#5b6078"/>%s`+
		`<text x="396" y="%d" class="s">forget the credentials</text></g>`+"\n", y+64, mark, y+77)
	fmt.Fprintf(&p.body, `<g class="p %s"><text x="100" y="%d">demo</text><text x="100" y="%d">••••••••</text>`+
		`<text x="100" y="%d">AC39</text></g>`+"\n", p.shown(typed, until), y+48, y+96, y+144)
	if says == "" {
		return
	}
	fmt.Fprintf(&p.body, `<g class="p %s"><rect x="362" y="%d" width="280" height="116" rx="8" fill="#fdecf0"/>`,
		p.shown(from+2, until), y+96)
	row := y + 100
	for line := range strings.SplitSeq(says, "\n") {
		for _, part := range folded(line, 42) {
			row += 18
			fmt.Fprintf(&p.body, `<text x="374" y="%d" class="s b">%s</text>`, row, html.EscapeString(part))
		}
	}
	p.body.WriteString("</g>\n")
}

func folded(text string, columns int) []string {
	var rows []string
	for len(text) > columns {
		cut := strings.LastIndex(text[:columns], " ")
		if cut <= 0 {
			break
		}
		rows, text = append(rows, text[:cut]), text[cut+1:]
	}
	return append(rows, text)
}

// card draws who is logged in.
func (p *painter) card(a tour, from, until float64) {
	y := pageTop + 60
	fmt.Fprintf(&p.body, `<g class="p %s"><rect x="60" y="%d" width="600" height="240" fill="#f4f5fb"/>`+
		`<circle cx="120" cy="%d" r="24" fill="#4f46e5"/><text x="114" y="%d" class="v">%s</text>`+
		`<text x="160" y="%d" class="s">Logged in as</text><text x="160" y="%d" class="h">%s</text>`+
		`<text x="90" y="%d">Reload the page: the session stays.</text></g>`+"\n",
		p.shown(from, until), y-20, y+40, y+45, html.EscapeString(strings.ToUpper(a.user[:1])), y+30, y+52,
		html.EscapeString(a.user), y+110)
}
