package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
)

// program are the words that start this program again in a shell: its name if that
// is what the shell would find, else go run, if that is how it was started, else its
// path.
func program() []string {
	executable, err := os.Executable()
	if err != nil {
		return []string{"sessionseed"}
	}
	if found, err := exec.LookPath("sessionseed"); err == nil && sameFile(found, executable) {
		return []string{"sessionseed"}
	}
	info, ok := debug.ReadBuildInfo()
	if ok && strings.Contains(executable, string(filepath.Separator)+"go-build") { // where go run builds
		path := info.Main.Path
		if info.Main.Sum != "" { // downloaded, not the clone around the working directory
			path += "@" + info.Main.Version
		}
		return []string{"go", "run", path}
	}
	return []string{executable}
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// equivalent is the command that does the same without a question. Secrets
// are not options, so none can appear in it.
func equivalent(s *settings, command, dir string, defaults options.Options, more ...string) []string {
	if strings.HasPrefix(dir, "-") {
		dir = "." + string(filepath.Separator) + dir
	}
	words := append(append(program(), command, dir, "--yes"), more...)
	for _, d := range options.Table() {
		if !d.Applies(&s.options) || d.Name == "module" && command == "add" {
			continue
		}
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

func forced(force bool) []string {
	if force {
		return []string{"--force"}
	}
	return nil
}

// values are all options by name, as sessionseed.yaml has them.
func values(o *options.Options) map[string]any {
	m := map[string]any{}
	for _, d := range options.Table() {
		if d.Applies(o) {
			m[d.Name] = value(d, o)
		}
	}
	return m
}

// value is an option's value in JSON: a list, a truth value, a number or a string.
func value(d options.Option, o *options.Options) any {
	got := d.Get(o)
	if d.Kind == options.List {
		return got
	}
	return scalar(d, got[0])
}

// scalar is a value that is one text elsewhere.
func scalar(d options.Option, text string) any {
	switch d.Kind {
	case options.Bool:
		return text == "true"
	case options.Int:
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	}
	return text
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
