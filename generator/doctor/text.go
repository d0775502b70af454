package doctor

import (
	"fmt"
	"io"
	"strings"
)

// TextOptions shape the output for people.
type TextOptions struct {
	Color bool // escape codes for color; leave it off unless the output is a terminal
	Steps bool // list the requests too
}

// width of the output in columns.
const width = 80

// Text writes the report for a person: the verdict first, then each finding with its evidence, rule and remedy.
func (r *Report) Text(w io.Writer, o TextOptions) error {
	t := &printer{color: o.Color}
	t.verdict(r)
	for i, f := range r.Findings {
		t.finding(i+1, f)
	}
	if o.Steps {
		t.line("")
		for _, s := range r.Steps {
			status := "no reply"
			if s.Status != 0 {
				status = fmt.Sprint(s.Status)
			}
			line := fmt.Sprintf("%-9s %s %s", status, s.Method, s.URL)
			if s.Seen != "" {
				line += ": " + s.Seen
			}
			t.wrap("  ", "      ", line)
		}
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

type printer struct {
	b     strings.Builder
	color bool
}

func (t *printer) verdict(r *Report) {
	site := "one site"
	if !r.SameSite {
		site = "different sites"
	}
	relation := fmt.Sprintf("page %s, service %s: %s", r.Origin, r.URL, site)
	switch r.Verdict {
	case Works:
		t.paint("32", "works: a browser keeps the session")
	case WorksExcept:
		t.paint("33", fmt.Sprintf("works, except for %s", count(len(r.Findings), "thing")))
	case CannotWork:
		t.paint("31", "cannot work: a browser loses the session")
	case NotSeen:
		t.paint("33", "not seen: nothing shows yet whether a browser keeps the session")
	case NotProbed:
		t.paint("31", "could not probe")
	}
	t.wrap("  ", "  ", relation)
	if r.Verdict == Works || r.Verdict == WorksExcept {
		t.wrap("  ", "  ", r.Proof)
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (t *printer) finding(n int, f Finding) {
	t.line("")
	color, word := "33", "warns"
	switch f.Severity {
	case Blocks:
		color, word = "31", "BLOCKS"
	case Unclear:
		word = "unclear"
	}
	where := ""
	if f.Step != "" {
		where = "  (" + f.Step + ")"
	}
	t.paint(color, fmt.Sprintf("%d. %s  %s%s", n, word, f.Code, where))
	for _, line := range f.Evidence {
		// Evidence keeps its spaces, because one line may point into another; only a long one is broken.
		t.wrap("     ", "       ", line)
	}
	t.wrap("   why     ", "           ", f.Rule)
	t.wrap("   server  ", "           ", f.Server)
	t.wrap("   client  ", "           ", f.Client)
	t.wrap("   pass    ", "           ", f.Pass)
	t.wrap("   option  ", "           ", f.Option)
}

func (t *printer) line(s string) { t.b.WriteString(s + "\n") }

func (t *printer) paint(color, s string) {
	s = clean(s)
	if t.color {
		s = "\x1b[1;" + color + "m" + s + "\x1b[0m"
	}
	t.line(s)
}

// wrap writes text after a first indent and breaks it at spaces so that no line is longer than width; a word that is
// longer is cut.
func (t *printer) wrap(first, next, text string) {
	text = clean(text)
	if text == "" {
		return
	}
	indent := first
	for {
		room := width - len(indent)
		if len([]rune(text)) <= room {
			t.line(indent + text)
			return
		}
		runes := []rune(text)
		cut := room
		for cut > 0 && runes[cut] != ' ' {
			cut--
		}
		if cut == 0 {
			cut = room // one word longer than the line, such as a URL
		}
		t.line(indent + strings.TrimRight(string(runes[:cut]), " "))
		text = strings.TrimLeft(string(runes[cut:]), " ")
		indent = next
	}
}
