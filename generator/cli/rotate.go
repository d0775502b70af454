package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/state"
)

// rotationResult is what `keys rotate --json` prints. It holds no key.
type rotationResult struct {
	Command   string    `json:"command"`
	Directory string    `json:"directory"`
	Keys      int       `json:"keys"`
	Dropped   int       `json:"dropped"`
	KeptUntil time.Time `json:"keptUntil"`
}

// rotateOptions are what `keys rotate` is run with.
type rotateOptions struct {
	dir  string
	json bool
}

func newCmdKeys(a *app) *cobra.Command {
	return commandGroup(&cobra.Command{
		Use:   "keys",
		Short: "Manage the signing keys of a project",
	}, newCmdRotate(a, nil))
}

func newCmdRotate(a *app, run func(context.Context, *rotateOptions) error) *cobra.Command {
	o := &rotateOptions{}
	if run == nil {
		run = a.runRotate
	}
	cmd := &cobra.Command{
		Use:   "rotate [DIR]",
		Short: "Add a new signing key, keep the old ones for verification",
		Long: `rotate generates a random signing key and puts it first in DIR/.env. Old keys
still verify the cookies that they signed; a rotation drops those that no live
cookie can need any more (after absoluteMaxAge). This logs nobody out. Restart
the service afterwards, which ends sessions that only its memory has. No key is
ever printed.`,
		Example: `  sessionseed keys rotate shop
  sessionseed keys rotate shop --json`,
		Args:              a.oneDir,
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = projectDir(args)
			return run(cmd.Context(), o)
		},
	}
	jsonFlag(cmd.Flags(), &o.json)
	return cmd
}

func (a *app) runRotate(_ context.Context, o *rotateOptions) error {
	r, err := state.RotateKeys(o.dir, state.RotateOptions{Generated: a.gen.Owned()})
	if err != nil {
		return refusedOptions(hintsFor(o.dir, err))
	}
	if o.json {
		until := r.Until.UTC().Truncate(time.Second)
		return printJSON(a.out, rotationResult{"keys rotate", o.dir, r.Keys, r.Dropped, until})
	}
	text := "Added the first signing key to .env."
	if r.Keys > 1 {
		text = fmt.Sprintf("Added a signing key; .env now holds %d keys (%d dropped).", r.Keys, r.Dropped)
	}
	if _, err := fmt.Fprintln(a.out, text); err != nil {
		return writtenUnsaid(err)
	}
	if r.Mode&0o077 != 0 {
		env := problem.ShellQuote(filepath.Join(o.dir, ".env"))
		a.say("Other users of this machine can read %s (mode %#o): chmod 600 %[1]s", env, r.Mode)
	}
	if r.Keys == 1 {
		a.say("Restart the service to use it.")
		return nil
	}
	a.say("Restart the service to use it. The previous key stays valid until it is dropped by a rotation after %s.",
		r.Until.Local().Format("2006-01-02 15:04 MST"))
	return nil
}
