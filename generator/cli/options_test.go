package cli

import (
	"context"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/doctor"
)

// runs makes a command that notes the options which it would run with.
func runs[O any](newCmd func(*app, func(context.Context, *O) error) *cobra.Command, got *any) *cobra.Command {
	return newCmd(&app{}, func(_ context.Context, o *O) error {
		*got = *o
		return nil
	})
}

// A command fills options of its own from its arguments and flags, and runs.
func TestCommandsFillTheirOptions(t *testing.T) {
	t.Chdir(t.TempDir())
	var got any
	for _, tt := range []struct {
		cmd  *cobra.Command
		args string
		want any
	}{
		{runs(newCmdNew, &got), "", newOptions{given: optionFlags{}}},
		{
			runs(newCmdNew, &got),
			"shop -y -n -f --json --config a.yaml --key sid --cors-origin http://a --cors-origin http://b",
			newOptions{
				askOptions: askOptions{yes: true}, previewOptions: previewOptions{dryRun: true}, dir: "shop",
				json: true, force: true, config: "a.yaml",
				given: optionFlags{"key": {"sid"}, "corsOrigins": {"http://a", "http://b"}},
			},
		},
		{runs(newCmdAdd, &got), "", addOptions{dir: ".", given: optionFlags{}}},
		{
			runs(newCmdAdd, &got), "shop -y -n --json --config a.yaml --key sid --dir pkg/auth",
			addOptions{
				askOptions: askOptions{yes: true}, previewOptions: previewOptions{dryRun: true}, dir: "shop",
				json: true, config: "a.yaml", given: optionFlags{"key": {"sid"}, "into": {"pkg/auth"}},
			},
		},
		{runs(newCmdAdd, &got), "--undo", addOptions{dir: ".", given: optionFlags{}, undo: true}},
		{
			runs(newCmdRegenerate, &got),
			"shop -i --no-input --diff --conflicts ours --no-verify --restore --adopt --rolling",
			updateOptions{
				askOptions: askOptions{noInput: true}, previewOptions: previewOptions{diff: true},
				command: "regenerate", dir: "shop", given: optionFlags{"rolling": {"true"}},
				interactive: true, conflicts: []string{"ours"}, noVerify: true, restore: true, adopt: true,
			},
		},
		{
			runs(newCmdDiff, &got), "--json --store redis",
			updateOptions{
				previewOptions: previewOptions{diff: true}, command: "diff", dir: ".", json: true,
				given: optionFlags{"store": {"redis"}},
			},
		},
		{runs(newCmdCheck, &got), "shop --json", checkOptions{dir: "shop", json: true}},
		{
			runs(newCmdExplain, &got), "shop --config a.yaml --renew",
			explainOptions{args: []string{"shop"}, config: "a.yaml", given: optionFlags{"renew": {"true"}}},
		},
		{runs(newCmdRotate, &got), "", rotateOptions{dir: "."}},
		{
			runs(newCmdDoctor, &got), "http://a --origin http://b --header X:y --steps --client axios",
			doctorOptions{
				probe:   doctor.Options{URL: "http://a", Client: "axios", Timeout: 10 * time.Second},
				origins: []string{"http://b"}, headers: []string{"X:y"}, steps: true,
			},
		},
		{runs(newCmdVersion, &got), "--json", versionOptions{json: true}},
		{runs(newCmdMan, &got), "pages", manOptions{dir: "pages"}},
	} {
		got = nil
		tt.cmd.SetArgs(strings.Fields(tt.args))
		tt.cmd.SetOut(io.Discard)
		if err := tt.cmd.Execute(); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s %s: %v, options\n %+v\nwant\n %+v", tt.cmd.Name(), tt.args, err, got, tt.want)
		}
	}
}
