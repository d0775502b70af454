package cli

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manDate is in the pages instead of the day on which they were made, so
// that the same program always prints the same bytes.
var manDate = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// manOptions are what `man` is run with.
type manOptions struct {
	dir string // "": print the page of the program itself
}

func newCmdMan(a *app, run func(context.Context, *manOptions) error) *cobra.Command {
	o := &manOptions{}
	var cmd *cobra.Command
	if run == nil {
		run = func(_ context.Context, o *manOptions) error { return a.runMan(cmd.Root(), o) }
	}
	cmd = &cobra.Command{
		Use:   "man [DIR]",
		Short: "Print the manual page, or write one page per command into DIR",
		Example: `  sessionseed man | man -l -
  sessionseed man ~/.local/share/man/man1`,
		Args: a.oneDir,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.dir = args[0]
			}
			return run(cmd.Context(), o)
		},
	}
	return cmd
}

// runMan prints the page of root, or writes it and those of the commands below it
// into o.dir.
func (a *app) runMan(root *cobra.Command, o *manOptions) error {
	header := &doc.GenManHeader{Section: "1", Source: "sessionseed", Manual: "sessionseed manual", Date: &manDate}
	root.DisableAutoGenTag = true
	escapeMarkdown(root)
	if o.dir == "" {
		return doc.GenMan(root, header, a.out)
	}
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	return doc.GenManTree(root, header, o.dir)
}

// escapeMarkdown keeps the placeholders of the texts, which doc reads as Markdown:
// <FLAG> would be a tag of HTML, and left out.
func escapeMarkdown(cmd *cobra.Command) {
	cmd.Short, cmd.Long = markdown.Replace(cmd.Short), markdown.Replace(cmd.Long)
	for _, below := range cmd.Commands() {
		escapeMarkdown(below)
	}
}

var markdown = strings.NewReplacer("<", `\<`, ">", `\>`, "*", `\*`, "_", `\_`)
