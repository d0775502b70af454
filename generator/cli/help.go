package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sessionseed/sessionseed/generator/options"
)

const (
	helpAll   = "help-all" // the flag for a help with every option
	helpWidth = 80         // columns
)

// ofProject marks a command whose options are those of a project that exists.
const ofProject = "project"

// flagGroup is the annotation that holds the heading of a flag in the help.
const flagGroup = "group"

var groups = []options.Group{options.Project, options.Session, options.Store, options.Captcha}

// printUsage is the part of a help that follows the description. It fits a screen:
// of a new project's options it has those that are asked for, of an existing one's none;
// --help-all lists all.
func printUsage(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if cmd.HasAvailableSubCommands() {
		b.WriteString("  " + cmd.CommandPath() + " COMMAND [--help]\n")
	} else {
		b.WriteString("  " + cmd.UseLine())
		if len(cmd.Aliases) > 0 {
			b.WriteString("  (alias: " + joinWords(cmd.Aliases) + ")")
		}
		b.WriteString("\n")
	}
	if cmd.HasExample() {
		b.WriteString("\nExamples:\n" + cmd.Example + "\n")
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, below := range cmd.Commands() {
			if below.IsAvailableCommand() || below.IsAdditionalHelpTopicCommand() {
				fmt.Fprintf(&b, "  %-*s %s\n", below.NamePadding(), below.Name(), below.Short)
			}
		}
	}
	all, _ := cmd.Flags().GetBool(helpAll) // false for a command without options
	sets := flagSets(cmd)
	if own := sets[""]; own != nil {
		b.WriteString("\nFlags:\n" + own.FlagUsages())
	}
	switch {
	case len(sets) == 1:
	case all:
		for _, name := range groups {
			b.WriteString("\n" + string(name) + ":\n" + sets[string(name)].FlagUsagesWrapped(helpWidth))
		}
	case cmd.Annotations[ofProject] != "":
		fmt.Fprintf(&b, "\nEvery option is a flag too (--store, --max-age ...): see --%s.\n", helpAll)
	default:
		b.WriteString(briefOptions(cmd))
	}
	if cmd.HasAvailableInheritedFlags() {
		if all {
			b.WriteString("\nCommon flags:\n" + cmd.InheritedFlags().FlagUsagesWrapped(helpWidth))
		} else {
			b.WriteString("\nFlags of every command: --" + strings.Join(names(cmd.InheritedFlags()), ", --") + "\n")
		}
	}
	_, err := io.WriteString(cmd.OutOrStderr(), b.String())
	return err
}

// flagSets are a command's own flags by heading, "" for those of no option.
func flagSets(cmd *cobra.Command) map[string]*pflag.FlagSet {
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
	return sets
}

func names(f *pflag.FlagSet) []string {
	var list []string
	f.VisitAll(func(f *pflag.Flag) { list = append(list, f.Name) })
	return list
}

// briefOptions are the options that the interview asks for, a line each with the
// default value.
func briefOptions(cmd *cobra.Command) string {
	var b strings.Builder
	others := 0
	for _, d := range options.Table() {
		given := cmd.Flags().Lookup(d.Flag)
		if given == nil || given.Hidden {
			continue
		}
		if d.Prompt == "" {
			others++
			continue
		}
		flag := "--" + d.Flag + " " + cmp.Or(given.DefValue, strings.ToUpper(d.Flag))
		if d.Kind == options.Bool {
			flag = "--" + d.Flag + "=" + given.DefValue
		}
		about, _, _ := strings.Cut(strings.TrimSuffix(d.Prompt, "?"), " (")
		if d.Kind == options.Enum && len(flag+about+joinWords(d.Values)) < 64 {
			about += ": " + joinWords(d.Values)
		} else if d.Kind == options.Enum {
			about = joinWords(d.Values)
		}
		fmt.Fprintf(&b, "  %-36s %s\n", flag, about)
	}
	return fmt.Sprintf("\nOptions with their defaults (%d more with --%s):\n%s", others, helpAll, b.String())
}
