package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// commandGroup makes a command of commands: alone it prints its help, and a word
// that names none of them is a usage error.
func commandGroup(cmd *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(commands...)
	cmd.Args = unknownCommand
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.SuggestionsMinimumDistance = 2 // edits
	return cmd
}

// unknownCommand refuses words after a command that has only commands below it.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "see " + cmd.CommandPath() + " --help"
	if near := nearestCommand(cmd, args[0]); near != "" {
		hint = "did you mean " + cmd.CommandPath() + " " + near + "?"
	}
	return usageError(fmt.Errorf("unknown command %q for %s", args[0], cmd.CommandPath()), hint)
}

// nearestCommand is the command below cmd that was probably meant, or "".
func nearestCommand(cmd *cobra.Command, word string) string {
	near := cmd.SuggestionsFor(word) // by up to two edits, or by its beginning
	if best := problem.Nearest(word, near); best != "" {
		return best
	}
	for _, name := range near {
		if strings.HasPrefix(name, strings.ToLower(word)) {
			return name
		}
	}
	return ""
}

func atMostOne(cmd *cobra.Command, args []string, what string) error {
	if len(args) <= 1 {
		return nil
	}
	return usageError(fmt.Errorf("more than one %s: %q", what, args), "see "+cmd.CommandPath()+" --help")
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usageError(fmt.Errorf("%s takes no arguments, got %q", cmd.CommandPath(), args),
		"see "+cmd.CommandPath()+" --help")
}

// flagError says what is wrong with a flag, and how it is written.
func flagError(cmd *cobra.Command, err error) error {
	if cmd.HasSubCommands() {
		// A misspelt command leaves its flags to the group, which does not know them.
		if misspelt := cmd.ValidateArgs(cmd.Flags().Args()); misspelt != nil {
			return misspelt
		}
	}
	hint := "see " + cmd.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	var noValue *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown):
		if near := nearestFlag(cmd, unknown.GetSpecifiedName()); near != "" && unknown.GetSpecifiedShortnames() == "" {
			hint = "did you mean --" + near + "?"
		}
	case errors.As(err, &noValue):
		flag := noValue.GetFlag()
		value, usage := pflag.UnquoteUsage(flag)
		err = fmt.Errorf("--%s needs a value", flag.Name)
		hint = fmt.Sprintf("--%s %s: %s", flag.Name, value, usage)
	case errors.As(err, &invalid):
		flag := invalid.GetFlag()
		err = fmt.Errorf("--%s is %q, which is not a %s", flag.Name, invalid.GetValue(), flag.Value.Type())
		switch flag.Value.Type() {
		case "bool":
			err = fmt.Errorf("--%s is %q, which is neither true nor false", flag.Name, invalid.GetValue())
			hint = fmt.Sprintf("write --%s or --%[1]s=false", flag.Name)
		case "duration":
			hint = fmt.Sprintf("write it as --%s %s", flag.Name, flag.DefValue)
		}
	case errors.As(err, &syntax):
		err = fmt.Errorf("%q is not a flag", syntax.GetSpecifiedFlag())
	}
	return usageError(err, hint)
}

// nearestFlag is the command's flag that was probably meant, or "".
func nearestFlag(cmd *cobra.Command, name string) string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return problem.Nearest(name, names)
}
