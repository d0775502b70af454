package doctor

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// Verdict sums a report up.
type Verdict string

// The verdicts.
const (
	Works       Verdict = "works"        // a session was set, came back and was known, and nothing was found
	WorksExcept Verdict = "works-except" // works, but not everywhere or not as safely as it could
	CannotWork  Verdict = "cannot-work"  // a browser loses the session
	NotSeen     Verdict = "not-seen"     // no session was seen that came back and was known
	NotProbed   Verdict = "not-probed"   // the service could not be reached
)

// Severity of a finding.
type Severity string

// The severities.
const (
	Blocks  Severity = "blocks"  // the session cannot work
	Unclear Severity = "unclear" // more has to be seen for a verdict
	Warns   Severity = "warns"
)

// Report is what Run found. Its JSON form is stable: fields are added, never renamed or removed, while Version is 1.
type Report struct {
	Version  int          `json:"version"`
	Verdict  Verdict      `json:"verdict"`
	URL      string       `json:"url"`      // the service's
	Origin   string       `json:"origin"`   // the page's
	Class    policy.Class `json:"class"`    // see package policy
	SameSite bool         `json:"sameSite"` // page and service are one site
	Cookie   string       `json:"cookie"`   // name of the session cookie, "" if none was seen
	Proof    string       `json:"proof"`    // how the service showed that it knows the session, "" if it did not
	Findings []Finding    `json:"findings"` // what blocks comes first
	Steps    []Step       `json:"steps"`    // what was sent and seen
}

// Finding is one reason.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Step     string   `json:"step"`     // where it was seen: "get", "preflight of post", ..., or "" for the whole
	Evidence []string `json:"evidence"` // lines of plain ASCII or printable text
	Rule     string   `json:"rule"`     // what browsers do, in a sentence or two
	Server   string   `json:"server"`   // the remedy on the server, may be empty
	Client   string   `json:"client"`   // the remedy in the front end, may be empty
	Pass     string   `json:"pass"`     // what to pass to the doctor so that it sees more, may be empty
	Option   string   `json:"option"`   // the option of sessionseed.yaml, for projects only
}

// Step is one request.
type Step struct {
	Name   string `json:"name"`
	Method string `json:"method"`
	URL    string `json:"url"`
	Status int    `json:"status"` // 0: no answer
	Seen   string `json:"seen"`   // what mattered in the answer
}

// JSON returns the report indented, with a line break at its end.
func (r *Report) JSON() []byte {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("doctor: a report of plain strings does not marshal: %v", err))
	}
	return append(b, '\n')
}

// ExitCode is 0 if the session works, also with warnings, 3 if it cannot, 1 if the service could not be probed or no
// session was seen.
func (r *Report) ExitCode() int {
	switch r.Verdict {
	case CannotWork:
		return 3
	case NotProbed, NotSeen:
		return 1
	}
	return 0
}

// ExitCode of several reports is the worst: 3 before 1 before 0.
func ExitCode(reports []*Report) int {
	code := 0
	for _, r := range reports {
		code = max(code, r.ExitCode())
	}
	return code
}

// Codes returns the findings' codes in their order.
func (r *Report) Codes() []string {
	var codes []string
	for _, f := range r.Findings {
		codes = append(codes, f.Code)
	}
	return codes
}

// has reports whether a code was found.
func (r *Report) has(codes ...string) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return slices.Contains(codes, f.Code) })
}

// blocked reports whether the session cannot work.
func (r *Report) blocked() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == Blocks })
}

// conclude sorts the findings, what blocks first, and draws the verdict.
func (r *Report) conclude() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		rank := map[Severity]int{Blocks: 0, Unclear: 1, Warns: 2}
		return rank[a.Severity] - rank[b.Severity]
	})
	switch {
	case r.Verdict != "":
	case r.blocked():
		r.Verdict = CannotWork
	case r.Proof == "":
		r.Verdict = NotSeen
	case len(r.Findings) == 0:
		r.Verdict = Works
	default:
		r.Verdict = WorksExcept
	}
}
