package cli

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The help of each command fits a screen of 80 columns without scrolling far; the
// form of the JSON documents is a page to look things up in.
func TestHelpFitsAScreen(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		path := strings.Fields(cmd.CommandPath())[1:]
		for _, below := range cmd.Commands() {
			visit(below)
		}
		if first := cmd.Short[:1]; first != strings.ToUpper(first) || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%q: %q is not a phrase with a capital and without a stop", path, cmd.Short)
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || strings.HasSuffix(f.Usage, ".") {
				t.Errorf("%q: --%s: %q is not a phrase without a stop", path, f.Name, f.Usage)
			}
		})
		code, help, _ := run(append(path, "--help")...)
		lines := strings.Split(strings.TrimSuffix(help, "\n"), "\n")
		if code != exitOK || len(lines) > 40 && cmd.Name() != "json" || len(lines) < 5 {
			t.Errorf("%q: exit %d, %d lines:\n%s", path, code, len(lines), help)
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > helpWidth {
				t.Errorf("%q: %d columns: %s", path, utf8.RuneCountInString(line), line)
			}
		}
		if cmd.Flags().Lookup(helpAll) == nil {
			return
		}
		_, all, _ := run(append(path, "--"+helpAll)...)
		for _, want := range []string{"Session and cookie:", "--absolute-max-age", "--captcha-tries", "Common flags:"} {
			if !strings.Contains(all, want) || strings.Contains(help, want) {
				t.Errorf("%q: %q is in the long help: %t, in the short one: %t", path, want,
					strings.Contains(all, want), strings.Contains(help, want))
			}
		}
	}
	var out bytes.Buffer
	visit(newCmdRoot(&app{streams: streams{out: &out, err: &out}}))
}
