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
	f.BoolVar(&o.noInput, "no-input", false, "ask nothing: an open question is an error")
}

// flagsOfProject are the same where a project has its values.
func (o *askOptions) flagsOfProject(f *pflag.FlagSet) {
	f.BoolVarP(&o.yes, "yes", "y", false, "ask nothing: keep the value of anything not set")
	f.BoolVar(&o.noInput, "no-input", false, "the same as --yes")
}

// previewOptions are what the flags say about writing.
type previewOptions struct {
	dryRun bool // list what would be written, and write nothing
	diff   bool // show it as a diff, and write nothing
}

func (o *previewOptions) flags(f *pflag.FlagSet) {
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "list what would be written, and write nothing")
	f.BoolVar(&o.diff, "diff", false, "show it as a unified diff, and write nothing")
}

func (o previewOptions) any() bool { return o.dryRun || o.diff }

func jsonFlag(f *pflag.FlagSet, to *bool) {
	f.BoolVar(to, "json", false, "print the result as one JSON document")
}

// configFlag is for a file of options; usage has its value's name in backquotes.
func configFlag(cmd *cobra.Command, to *string, usage string) {
	cmd.Flags().StringVar(to, "config", "", usage)
	// It fails only for a flag that does not exist or that has a completion.
	_ = cmd.RegisterFlagCompletionFunc("config",
		cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt))
}

// optionFlags are the flags made from the option table. They keep the text as
// it was given; settings sets it into the options together with what comes
// from the environment and the file, so that one validator serves all.
type optionFlags map[string][]string // option name -> values given

// add declares a flag for every option of a new project, with its default in the
// help.
func (f optionFlags) add(cmd *cobra.Command) { f.addNew(cmd, options.Defaults()) }

// addToModule is add for what goes into a module that exists.
func (f optionFlags) addToModule(cmd *cobra.Command) { f.addNew(cmd, options.AddDefaults()) }

func (f optionFlags) addNew(cmd *cobra.Command, defaults options.Options) {
	f.declare(cmd, defaults)
	delete(cmd.Annotations, ofProject)
	for _, name := range []string{"docker", "ci"} {
		if defaults.Into != "" { // they are refused there
			_ = cmd.Flags().MarkHidden(name)
		}
	}
	for _, d := range options.Table() {
		if d.Applies(&defaults) {
			cmd.Flags().Lookup(d.Flag).DefValue = strings.Join(d.Get(&defaults), ",")
		}
	}
}

// addOfProject declares a flag for every option of a project that exists, whose
// present value is the default.
func (f optionFlags) addOfProject(cmd *cobra.Command) { f.declare(cmd, options.Defaults()) }

// declare makes a flag for every option that projects of these options have.
func (f optionFlags) declare(cmd *cobra.Command, of options.Options) {
	cmd.Flags().Bool(helpAll, false, "print this help with every option")
	cmd.Annotations = map[string]string{ofProject: "true"}
	for _, d := range options.Table() {
		if !d.Applies(&of) {
			continue
		}
		flag := cmd.Flags().VarPF(&optionValue{option: d, given: f}, d.Flag, "", flagUsage(d))
		complete := cobra.NoFileCompletions
		switch d.Kind {
		case options.Bool:
			flag.NoOptDefVal = "true"
			complete = cobra.FixedCompletions([]string{"true", "false"}, cobra.ShellCompDirectiveNoFileComp)
		case options.Enum:
			complete = cobra.FixedCompletions(d.Values, cobra.ShellCompDirectiveNoFileComp)
		}
		// It fails only for an unknown or repeated flag, which the table's test excludes.
		_ = cmd.RegisterFlagCompletionFunc(d.Flag, complete)
		_ = cmd.Flags().SetAnnotation(d.Flag, flagGroup, []string{string(d.Group)})
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
		return strings.TrimPrefix(v.option.Flag, "cors-")
	case options.Enum:
		return "choice"
	}
	return "text"
}
