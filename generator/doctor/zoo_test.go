package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sessionseed/sessionseed/generator/doctor"
	"github.com/sessionseed/sessionseed/generator/doctor/zoo"
)

// examine probes a specimen as its caller would.
func examine(t *testing.T, s zoo.Specimen) *doctor.Report {
	t.Helper()
	h, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	o := doctor.Options{URL: s.API, Origin: s.Page, DialContext: h.DialContext, RootCAs: h.RootCAs,
		Timeout: 5 * time.Second}
	o.Lookup = func(context.Context, string) ([]netip.Addr, error) { return nil, fmt.Errorf("no resolver in tests") }
	if s.Options != nil {
		s.Options(&o)
	}
	r, err := doctor.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every specimen gets its findings, no more and no fewer: a false alarm is as bad as silence.
func TestZoo(t *testing.T) {
	for _, s := range zoo.All() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			r := examine(t, s)
			got, want := slices.Sorted(slices.Values(r.Codes())), slices.Sorted(slices.Values(s.Codes))
			if r.Verdict != s.Verdict || !slices.Equal(got, want) {
				var text bytes.Buffer
				r.Text(&text, doctor.TextOptions{Steps: true})
				t.Errorf("verdict %s, findings %q; want %s, %q\n%s", r.Verdict, got, s.Verdict, want, text.String())
			}
			checkOutput(t, r)
		})
	}
}

func TestZooHoldsEveryFinding(t *testing.T) {
	var found []string
	for _, s := range zoo.All() {
		found = append(found, s.Codes...)
	}
	for _, code := range doctor.Codes() {
		if !slices.Contains(found, code) {
			t.Errorf("no specimen has the finding %s", code)
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-zA-Z]+\}`)

// checkOutput checks what must be true of every report's text and JSON.
func checkOutput(t *testing.T, r *doctor.Report) {
	t.Helper()
	for _, f := range r.Findings {
		if lines := slices.Sorted(slices.Values(f.Evidence)); len(slices.Compact(lines)) < len(f.Evidence) {
			t.Errorf("%s says something twice: %q", f.Code, f.Evidence)
		}
	}
	for _, color := range []bool{false, true} {
		var text bytes.Buffer
		if err := r.Text(&text, doctor.TextOptions{Color: color, Steps: true}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(text.String()) {
			line = strings.TrimRight(line, "\n")
			if color {
				line = strings.NewReplacer("\x1b[1;31m", "", "\x1b[1;32m", "", "\x1b[1;33m", "", "\x1b[0m",
					"").Replace(line)
			}
			if utf8.RuneCountInString(line) > 80 {
				t.Errorf("line of %d columns: %s", utf8.RuneCountInString(line), line)
			}
			if strings.ContainsFunc(line, func(c rune) bool { return c < ' ' || c == 0x7f }) {
				t.Errorf("control character in %q", line)
			}
		}
		if placeholder.MatchString(text.String()) {
			t.Errorf("a placeholder is left:\n%s", text.String())
		}
	}
	var again doctor.Report
	if err := json.Unmarshal(r.JSON(), &again); err != nil || again.Verdict != r.Verdict ||
		len(again.Findings) != len(r.Findings) {
		t.Errorf("JSON %s: %v; read back: verdict %s, %d findings, want %s, %d", r.JSON(), err, again.Verdict,
			len(again.Findings), r.Verdict, len(r.Findings))
	}
	for _, f := range r.Findings {
		if f.Rule == "" || len(f.Evidence) == 0 || f.Server == "" && f.Client == "" && f.Pass == "" {
			t.Errorf("finding without evidence, rule or remedy: %+v", f)
		}
		for _, text := range append(f.Evidence, f.Rule, f.Server, f.Client, f.Pass) {
			if strings.IndexAny(text, ",;:.") == 0 {
				t.Errorf("%s: a sentence begins with a mark: %q", f.Code, text)
			}
		}
		for _, text := range []string{f.Rule, f.Server, f.Client, f.Pass} {
			if n := utf8.RuneCountInString(text); n > 300 {
				t.Errorf("%s: a text of %d characters, of which 300 are shown: %s", f.Code, n, text)
			}
		}
	}
}
