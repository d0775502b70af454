package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sessionseed/sessionseed/generator/options"
)

// askOptions are what the flags say about questions.
type askOptions struct {
	yes     bool // use defaults for anything not set
	noInput bool // ask nothing
}

func (o *askOptions) flags(f *pflag.FlagSet) {
	f.BoolVarP(&o.yes, "yes", "y", false, "ask nothing: use defaults for anything not set")
	f.BoolVar(&o.noInput, "no-input", false, "ask nothing: anything not set is an error")
}

// previewOptions are what the flags say about writing.
type previewOptions struct {
	dryRun bool // list what would be written, and write nothing
	diff   bool // show it as a diff, and write nothing
}

func (o *previewOptions) flags(f *pflag.FlagSet) {
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "list what would be written, and write nothing")
	f.BoolVar(&o.diff, "diff", false, "show what would change as a unified diff, and write nothing")
}

func (o previewOptions) any() bool { return o.dryRun || o.diff }

func jsonFlag(f *pflag.FlagSet, to *bool) {
	f.BoolVar(to, "json", false, "print the result as one JSON document on standard output")
}

// configFlag is for a file of options; usage has its value's name in backquotes.
func configFlag(cmd *cobra.Command, to *string, usage string) {
	cmd.Flags().StringVar(to, "config", "", usage)
	// It fails for a flag that does not exist or that has a completion only.
	_ = cmd.RegisterFlagCompletionFunc("config",
		cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt))
}

// optionFlags are the flags made from the option table. They keep the text as
// it was given; settings sets it into the options together with what comes
// from the environment and the file, so that one validator serves all.
type optionFlags map[string][]string // option name -> values given

// add declares a flag for every option. The help shows default values for a
// project that is to be made; another one has values of its own.
func (f optionFlags) add(cmd *cobra.Command, showDefaults bool) {
	for _, d := range options.Table() {
		flag := cmd.Flags().VarPF(&optionValue{option: d, given: f}, d.Flag, "", flagUsage(d))
		if showDefaults {
			flag.DefValue = d.Default()
		}
		complete := cobra.NoFileCompletions
		switch d.Kind {
		case options.Bool:
			flag.NoOptDefVal = "true"
			complete = cobra.FixedCompletions([]string{"true", "false"}, cobra.ShellCompDirectiveNoFileComp)
		case options.Enum:
			complete = cobra.FixedCompletions(d.Values, cobra.ShellCompDirectiveNoFileComp)
		}
		// It fails for an unknown or repeated flag only, which the table's test excludes.
		_ = cmd.RegisterFlagCompletionFunc(d.Flag, complete)
		_ = cmd.Flags().SetAnnotation(d.Flag, flagGroup, []string{group(d)})
	}
}

func flagUsage(d options.Option) string {
	usage := d.Help
	if d.Kind == options.Enum &&
		slices.ContainsFunc(d.Values, func(v string) bool { return !strings.Contains(usage, v) }) {
		usage += " (" + strings.Join(d.Values, ", ") + ")"
	}
	return strings.ReplaceAll(usage, "`", "'") // pflag takes backquotes for the value's name
}

// optionValue is one flag's value, as pflag wants it.
type optionValue struct {
	option options.Option
	given  optionFlags
}

func (v *optionValue) String() string {
	return strings.Join(v.given[v.option.Name], ",")
}

func (v *optionValue) Set(text string) error {
	if v.option.Kind == options.List {
		v.given[v.option.Name] = append(v.given[v.option.Name], text)
	} else {
		v.given[v.option.Name] = []string{text}
	}
	return nil
}

func (v *optionValue) Type() string {
	switch v.option.Kind {
	case options.Bool:
		return "bool"
	case options.Int:
		return "int"
	case options.Duration:
		return "duration"
	case options.List:
		return "origin"
	case options.Enum:
		return "choice"
	}
	return "text"
}

// flagGroup is the annotation that holds the heading of a flag in the help.
const flagGroup = "group"

var groups = []string{"Project", "Session and cookie", "Store", "Captcha"}

func group(d options.Option) string {
	cookie := []string{
		"key", "maxAge", "absoluteMaxAge", "rolling", "renew", "signed", "httpOnly", "overwrite", "autoCommit",
		"sameSite", "secure", "partitioned", "cookiePrefix", "domain", "path", "assurance", "maxSessions", "csrfToken",
		"clearSiteData",
	}
	switch {
	case strings.HasPrefix(d.Name, "captcha."):
		return "Captcha"
	case slices.Contains(cookie, d.Name):
		return "Session and cookie"
	case d.Name == "store", d.Name == "trustProxy":
		return "Store"
	}
	return "Project"
}

// flagHelp prints a command's flags under headings; those of no option come first.
func flagHelp(cmd *cobra.Command) string {
	sets := map[string]*pflag.FlagSet{}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		name := ""
		if a := f.Annotations[flagGroup]; len(a) == 1 {
			name = a[0]
		}
		if sets[name] == nil {
			sets[name] = pflag.NewFlagSet("", pflag.ContinueOnError)
			sets[name].SortFlags = false
		}
		sets[name].AddFlag(f)
	})
	var b strings.Builder
	for _, name := range append([]string{""}, groups...) {
		if set := sets[name]; set != nil {
			heading := "Flags"
			if name != "" {
				heading = name
			}
			b.WriteString("\n" + heading + ":\n" + set.FlagUsagesWrapped(100))
		}
	}
	return b.String()
}
