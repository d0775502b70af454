package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// explainResult is what `explain --json` prints.
type explainResult struct {
	Command string          `json:"command"`
	Module  string          `json:"module"`
	Policy  policyResult    `json:"policy"`
	Options []optionTouches `json:"options"`
}

// optionTouches says what a change of one option changes.
type optionTouches struct {
	Name    string   `json:"name"`
	Value   any      `json:"value"`
	Help    string   `json:"help"`
	Runtime string   `json:"runtime,omitempty"` // the service's variable that overrides it
	Files   []string `json:"files"`             // besides sessionseed.yaml, .env and .sessionseed/

	alone   bool   // its other values do not go with the other options
	refused string // why, of the first of them
}

// explainOptions are what `explain` is run with.
type explainOptions struct {
	args   []string    // the directory, if one is given
	given  optionFlags // options over those of the project
	config string      // instead of the project's sessionseed.yaml, or ""
	json   bool
}

func newCmdExplain(a *app, run func(context.Context, *explainOptions) error) *cobra.Command {
	o := &explainOptions{given: optionFlags{}}
	if run == nil {
		run = a.runExplain
	}
	cmd := &cobra.Command{
		Use:   "explain [DIR]",
		Short: "Explain the cookie policy, and which option touches which file",
		Long: `explain shows which cookie attributes follow from the public URL and the
front-end origins, and which files each option touches. It reads
DIR/sessionseed.yaml (by default that of the project around this directory);
flags and variables override it, so that you can see the effect of a change
before you make it. It writes nothing.`,
		Example: `  sessionseed explain shop
  sessionseed explain shop --public-url https://api.example.com \
    --cors-origin https://app.example.org`,
		Args:              a.oneDir,
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.args = args
			return run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	configFlag(cmd, &o.config, "options from this `file` instead of the project's")
	jsonFlag(f, &o.json)
	o.given.addOfProject(cmd)
	return cmd
}

// projectSettings are the options of a project as flags, environment and its
// sessionseed.yaml have them, over those of its last generation or the defaults.
func (a *app) projectSettings(o *explainOptions) (*settings, error) {
	dir, config := projectDir(o.args), o.config
	if config == "" {
		file := filepath.Join(dir, "sessionseed.yaml")
		if info, err := os.Lstat(file); err == nil && info.Mode().IsRegular() {
			config = file
		} else if err == nil {
			return nil, refused(&problem.Problem{Fact: fmt.Sprintf("%q is not a plain file", file),
				Hint: "replace it with a plain file"})
		} else if len(o.args) == 1 || !errors.Is(err, fs.ErrNotExist) {
			return nil, refused(&problem.Problem{
				Fact: fmt.Sprintf("%q has no sessionseed.yaml", dir),
				Hint: "name the directory of a project; if you deleted the file: " + regenerateIn(dir) +
					" --restore",
			})
		}
	}
	base, whose := options.Defaults(), "the defaults" // for what the file leaves out
	if o.config == "" {
		if last, err := state.GeneratedOptions(dir, a.gen.Owned()); err == nil {
			base, whose = last, "the options of the last generation"
		}
	}
	if config == "" {
		a.say("sessionseed: there is no sessionseed.yaml here, so %s are explained", whose)
	}
	s, err := a.settingsOver(base, config, o.given)
	if s.from["assurance"] > fromFile { // as regenerate does
		s.tighten()
	}
	if s.options.Module == "" {
		s.options.Module = "example.com/service"
	}
	if err = errors.Join(err, s.options.Validate()); err == nil {
		a.sayWithoutEffect(s)
	}
	return s, refused(err)
}

func (a *app) runExplain(ctx context.Context, o *explainOptions) error {
	s, err := a.projectSettings(o)
	if err != nil {
		return err
	}
	d, err := s.options.Policy()
	if err != nil {
		return refused(err)
	}
	touched, err := a.touches(ctx, s.options)
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(a.out, explainResult{"explain", s.options.Module, policyJSON(d), touched})
	}
	color := style(a.color(a.out))
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", color.bold("The cookie of "+s.options.Module), policyInWords(d, "  "))
	fmt.Fprintf(&b, "%s\n", color.bold("Options, and the files that each touches"))
	others := 0
	for _, t := range touched {
		row, _ := options.Lookup(t.Name)
		switch {
		case t.Name == "into" && s.options.Into == "": // of add, and in no file of another project
		case a.verbose:
			b.WriteString(t.text(color))
		case row.Prompt != "" || s.from[t.Name] > fromFile:
			b.WriteString(t.line() + "\n")
		default:
			others++
		}
	}
	if others > 0 {
		fmt.Fprintf(&b, "  ... and %d more options; --verbose lists all, with their files\n", others)
	}
	_, err = fmt.Fprint(a.out, b.String())
	return err
}

func (t optionTouches) setting() string {
	text := fmt.Sprint(t.Value)
	if list, ok := t.Value.([]string); ok {
		text = joinWords(list)
	}
	return oneLine(t.Name + ": " + orEmpty(text))
}

// text are the option's value and, by directory, its files.
func (t optionTouches) text(color style) string {
	files := joinWords(inDirectories(t.Files))
	switch {
	case t.alone:
		files = t.notNow()
	case files == "":
		files = "no file but sessionseed.yaml"
	}
	if t.Runtime != "" {
		files += "; the service's variable " + t.Runtime + " overrides it"
	}
	return "  " + color.bold(t.setting()) + "\n" + wrap("      ", files, textWidth) + "\n"
}

// notNow is why the option can have no other value before another option changes.
func (t optionTouches) notNow() string {
	if t.refused == "" {
		return "no other value that was tried fits the other options"
	}
	return "no other value now: " + t.refused
}

// line is text in short: the option's value, and its files or their number.
func (t optionTouches) line() string {
	head := "  " + t.setting() + "  "
	if t.alone {
		return strings.TrimRight(head, " ") + "\n" + wrap("      ", t.notNow(), textWidth)
	}
	if full := head + "[" + joinWords(t.Files) + "]"; len(full) <= textWidth {
		return full
	}
	return head + "[" + count(len(t.Files), "file", "files") + "]"
}

// touches renders the project once more for another value of each option and
// compares, so that the answer is never out of date.
func (a *app) touches(ctx context.Context, o options.Options) ([]optionTouches, error) {
	gen := a.gen.Remembering()
	before, err := gen.Render(o, render.Secrets{}) // .env is not compared
	if err != nil {
		return nil, err
	}
	table := options.Table()
	list, problems := make([]optionTouches, len(table)), make([]error, len(table))
	var wg sync.WaitGroup
	for i, d := range table {
		wg.Go(func() { list[i], problems[i] = touches(ctx, gen, before, o, d) })
	}
	wg.Wait()
	return list, errors.Join(problems...)
}

// touches says which files differ from those of before, which o makes, with another
// value of one option.
func touches(ctx context.Context, gen *render.Generator, before *tree.Tree, o options.Options,
	d options.Option) (optionTouches, error) {
	t := optionTouches{Name: d.Name, Value: value(d, &o), Help: d.Help, Runtime: d.Runtime, Files: []string{},
		alone: true}
	if d.Name == "into" {
		t.refused = state.MovesNoPackage
		return t, nil
	}
	seen := map[string]bool{}
	for _, values := range alternatives(d, &o) {
		if err := ctx.Err(); err != nil {
			return t, err
		}
		changed := o.Clone()
		if d.Set(&changed, values...) != nil {
			continue
		}
		if d.Name == "assurance" { // as regenerate does
			changed.TightenAssurance(func(string) bool { return true })
		}
		if err := changed.Validate(); err != nil {
			if slices.Contains([]options.Kind{options.Bool, options.Enum, options.Int}, d.Kind) {
				t.refused = cmp.Or(t.refused, problems(err)[0].Fact)
			}
			continue
		}
		t.alone = false
		after, err := gen.Render(changed, render.Secrets{})
		if err != nil {
			return t, err
		}
		for _, path := range before.Differing(after) {
			if path != "sessionseed.yaml" { // which every option touches
				seen[path] = true
			}
		}
		if len(seen) > 0 && !slices.Contains([]options.Kind{options.Enum, options.Int, options.List}, d.Kind) {
			break // one other value shows it; the others touch the same files
		}
	}
	t.Files = append(t.Files, slices.Sorted(maps.Keys(seen))...)
	return t, nil
}

// alternatives are other values of an option, some of which are valid.
func alternatives(d options.Option, o *options.Options) [][]string {
	now := d.Get(o)
	switch d.Kind {
	case options.Bool:
		return [][]string{{strconv.FormatBool(now[0] != "true")}}
	case options.Int:
		n, _ := strconv.Atoi(now[0])
		list := [][]string{{strconv.Itoa(n + 1)}, {strconv.Itoa(n - 1)}}
		if n > 1 {
			list = append(list, []string{"0"}) // which can switch something off
		}
		return list
	case options.Duration:
		list := [][]string{{"6m"}, {"7m"}, {"8d"}, {"9d"}, {"120d"}}
		if t, err := options.ParseDuration(now[0]); err == nil && t > time.Second {
			list = append(list, []string{(t - time.Second).String()}, []string{(t + time.Second).String()})
		}
		return list
	case options.Enum:
		var list [][]string
		for _, v := range d.Values {
			if v != now[0] {
				list = append(list, []string{v})
			}
		}
		return list
	case options.List:
		if d.Name == "corsHeaders" {
			return [][]string{append([]string{"X-Other"}, now...)}
		}
		return [][]string{append([]string{neighbor(o.PublicURL)}, now...), {}}
	}
	others := []string{"", "example.com/other", "other", "/other", "#123456", "ABCDEF", "http://localhost:8081",
		"https://other.example.com"}
	switch d.Name {
	case "domain":
		others = []string{hostOf(o.PublicURL), ""}
	case "publicURL":
		others = append(others, neighbor(o.PublicURL))
	}
	var list [][]string
	for _, v := range others {
		if v != now[0] {
			list = append(list, []string{v})
		}
	}
	return list
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// neighbor is an origin of the same host on another port, which any policy takes.
func neighbor(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return origin
	}
	u.Host = net.JoinHostPort(u.Hostname(), "3999")
	return u.Scheme + "://" + u.Host
}

// inDirectories names a directory instead of its files when there are more
// than three of them. paths is sorted.
func inDirectories(paths []string) []string {
	count := map[string]int{}
	for _, p := range paths {
		count[filepath.ToSlash(filepath.Dir(p))]++
	}
	var list []string
	for _, p := range paths {
		dir := filepath.ToSlash(filepath.Dir(p))
		switch n := count[dir]; {
		case dir == "." || n <= 3 && n > 0:
			list = append(list, p)
		case n > 3:
			list = append(list, fmt.Sprintf("%s/ (%d files)", dir, n))
			count[dir] = -1
		}
	}
	return list
}
