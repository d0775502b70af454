package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newCmdRoot(a *app) *cobra.Command {
	root := commandGroup(&cobra.Command{
		Use:   "sessionseed COMMAND",
		Short: "Generate a Go service with login sessions that survive the next request",
		Long: `sessionseed writes a Go service that runs at once: net/http, login sessions with
koa-session's semantics, a captcha, and CORS with credentials for a front end on
another origin. It also adds these to an existing service, and later changes
options without losing your edits. Every option is a flag, a SESSIONSEED_<FLAG>
variable and a key in sessionseed.yaml (--max-age is SESSIONSEED_MAX_AGE and
maxAge); flags win over variables, variables over the file.

Exit codes: 0 done, 1 error, 2 wrong usage or a refused option, 3 drift,
conflict, a broken build or session, 130 cancelled. Nothing is written unless
the exit code is 0 (with --conflicts=markers, also on 3).`,
		Example: `  sessionseed new shop
  sessionseed regenerate shop --store redis
  sessionseed doctor https://api.example.com --origin https://app.example.com`,
		DisableFlagsInUseLine: true,
		SilenceErrors:         true,
		SilenceUsage:          true,
	},
		newCmdNew(a, nil), newCmdAdd(a, nil), newCmdRegenerate(a, nil), newCmdCheck(a, nil), newCmdDiff(a, nil),
		newCmdExplain(a, nil), newCmdKeys(a), newCmdDoctor(a, nil), newCmdVersion(a, nil), newCmdMan(a, nil),
		jsonTopic())
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetUsageFunc(printUsage)
	root.SetFlagErrorFunc(flagError)
	root.Version = readVersion().String()
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().Bool("version", false, "print the version")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if all, err := cmd.Flags().GetBool(helpAll); err == nil && all {
			return pflag.ErrHelp
		}
		return nil
	}
	f := root.PersistentFlags()
	f.SortFlags = false
	f.BoolVar(&a.verbose, "verbose", false, "list all files and findings, not just a few")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "print nothing but results and errors")
	f.BoolVar(&a.noColor, "no-color", false, "no colors (also: NO_COLOR, TERM=dumb)")
	f.BoolVar(&a.accessible, "accessible", false, "ask one plain line at a time, for screen readers")
	// cobra would answer a misspelt word after its own two commands with help and 0.
	root.SetHelpCommand(newCmdHelp())
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			cmd.Short, cmd.Long = "Print the completion script for a shell", ""
			for _, shell := range cmd.Commands() {
				shell.Args = noArguments
				shell.Short = "Print the completion script for " + shell.Name()
				shell.Long, shell.Example = shell.Short+", which completes commands, flags\nand their values.",
					loadCompletion[shell.Name()]
			}
			commandGroup(cmd)
		}
	}
	return root
}

// loadCompletion says for each shell how its script is loaded: now, and in every new shell.
var loadCompletion = map[string]string{
	"bash": `  source <(sessionseed completion bash)   # needs the package bash-completion
  sessionseed completion bash > /etc/bash_completion.d/sessionseed`,
	"zsh": `  source <(sessionseed completion zsh)   # after: autoload -U compinit; compinit
  sessionseed completion zsh > "${fpath[1]}/_sessionseed"`,
	"fish": `  sessionseed completion fish | source
  sessionseed completion fish > ~/.config/fish/completions/sessionseed.fish`,
	"powershell": `  sessionseed completion powershell | Out-String | Invoke-Expression
  # for every new shell, add that line to $PROFILE`,
}

func newCmdHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Print the help of a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(about, rest)
			}
			about.InitDefaultHelpFlag() // or the help would not list it
			return about.Help()
		},
	}
}
