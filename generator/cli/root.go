package cli

import (
	"github.com/spf13/cobra"
)

const usageTemplate = `Usage:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}{{if .Aliases}}

Aliases:
  {{.NameAndAliases}}{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}
{{flagHelp .}}{{if .HasAvailableInheritedFlags}}
Common flags:
{{.InheritedFlags.FlagUsages}}{{end}}{{if .HasAvailableSubCommands}}
See {{.CommandPath}} COMMAND --help for each of them.
{{end}}`

func (a *app) root() *cobra.Command {
	cobra.AddTemplateFunc("flagHelp", flagHelp)
	root := &cobra.Command{
		Use:   "sessionseed",
		Short: "Generate a Go service with login sessions that survive the next request",
		Long: `sessionseed writes a Go service that runs at once: net/http, login sessions with
koa-session's semantics, a captcha, and CORS with credentials for a front end on
another origin. Later it changes the options of a project that its owner has
edited meanwhile, and loses none of the edits.

Every question has a flag, every flag a key in sessionseed.yaml and a variable
SESSIONSEED_<FLAG> in the environment (dashes as underscores, an empty variable
counts as unset). A flag wins over the environment, that over the file given with
--config, that over the default.

Exit codes: 0 done, 1 error, 2 wrong usage or a refused option, 3 drift, conflict
or a session that cannot work, 130 cancelled. Nothing is written on any but 0.`,
		Example: `  sessionseed new shop
  sessionseed new shop --yes --module example.com/shop \
    --public-url https://api.example.com --cors-origin https://app.example.com
  sessionseed regenerate shop --store redis
  sessionseed doctor https://api.example.com --origin https://app.example.com`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRun: func(*cobra.Command, []string) {
			a.started = true
		},
	}
	root.SetUsageTemplate(usageTemplate)
	root.PersistentFlags().SortFlags = false
	a.common.talkFlags(root.PersistentFlags())
	root.AddCommand(a.newCommand(), a.regenerateCommand(), a.checkCommand(), a.diffCommand(), a.explainCommand(), a.keysCommand(), a.doctorCommand(),
		a.versionCommand(), a.manCommand(), jsonTopic())
	return root
}
