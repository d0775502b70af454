package cli

import (
	"path/filepath"
	"strings"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
)

// equivalent is the command that does the same without a question. Secrets
// are no options, so none can appear in it.
func equivalent(s *settings, dir string, force bool) []string {
	if strings.HasPrefix(dir, "-") {
		dir = "." + string(filepath.Separator) + dir
	}
	words := []string{"sessionseed", "new", dir, "--yes"}
	if force {
		words = append(words, "--force")
	}
	defaults := options.Defaults()
	for _, d := range options.Table() {
		now, before := d.Get(&s.options), d.Get(&defaults)
		always := d.Name == "module" || d.Name == "publicURL" || d.Name == "corsOrigins"
		if !always && strings.Join(now, ",") == strings.Join(before, ",") {
			continue
		}
		if d.Kind == options.List && len(now) == 0 {
			now = []string{""}
		}
		for _, value := range now {
			switch {
			case d.Kind == options.Bool && value == "true":
				words = append(words, "--"+d.Flag)
			case d.Kind == options.Bool, value == "", strings.HasPrefix(value, "-"):
				words = append(words, "--"+d.Flag+"="+value)
			default:
				words = append(words, "--"+d.Flag, value)
			}
		}
	}
	return words
}

// values are all options by name, as sessionseed.yaml has them.
func values(o *options.Options) map[string]any {
	m := map[string]any{}
	for _, d := range options.Table() {
		got := d.Get(o)
		switch d.Kind {
		case options.List:
			m[d.Name] = got
		case options.Bool:
			m[d.Name] = got[0] == "true"
		default:
			m[d.Name] = got[0]
		}
	}
	return m
}

// newResult is what `new --json` prints.
type newResult struct {
	Command    string         `json:"command"`
	Directory  string         `json:"directory"`
	Module     string         `json:"module"`
	Written    bool           `json:"written"`
	Options    map[string]any `json:"options"`
	Policy     policyResult   `json:"policy"`
	Files      []fileJSON     `json:"files"`
	Kept       []string       `json:"kept,omitempty"` // files of the owner's that stay in the place of generated ones
	Equivalent []string       `json:"equivalent"`     // words of the command without questions
}

type fileJSON struct {
	Path  string `json:"path"`
	Class string `json:"class"`
	Mode  string `json:"mode"`
	Bytes int    `json:"bytes"`
}

type policyResult struct {
	Class  string       `json:"class"`
	Cookie string       `json:"cookie"` // name and attributes, without value and life
	Words  []string     `json:"words"`
	Notes  []noteResult `json:"notes"`
}

type noteResult struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Fact     string `json:"fact"`
	Hint     string `json:"hint,omitempty"`
}

func policyJSON(d policy.Decision) policyResult {
	r := policyResult{Class: string(d.Class), Cookie: d.CookieLine(), Words: d.Explain(), Notes: []noteResult{}}
	for _, n := range d.Notes {
		r.Notes = append(r.Notes, noteResult{string(n.Severity), n.Code, n.Fact, n.Hint})
	}
	return r
}
