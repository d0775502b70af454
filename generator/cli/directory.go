package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
)

// oneDir accepts the directory of a project, or nothing.
func (a *app) oneDir(cmd *cobra.Command, args []string) error {
	if err := a.looseValue(cmd); err != nil {
		return err
	}
	return atMostOne(cmd, args, "directory")
}

// looseValue refuses yes or no after a flag that is on by itself: in --captcha no
// the word would be taken for the directory. After --koa-keys it refuses any, which may be
// a key.
func (a *app) looseValue(cmd *cobra.Command) error {
	for i, word := range a.args {
		name, long := strings.CutPrefix(word, "--")
		if word == "--" || i+1 == len(a.args) {
			return nil
		}
		flag := cmd.Flags().Lookup(name)
		value, ok := yesNo[strings.ToLower(a.args[i+1])]
		if d, known := options.Lookup(name); long && known && d.Mistaken != "" && !strings.HasPrefix(a.args[i+1], "-") {
			return usageError(fmt.Errorf("--%s takes no word after it", name),
				fmt.Sprintf("write --%s alone or --%[1]s=true, with a directory before it; %s", name, d.Mistaken))
		}
		if long && ok && flag != nil && flag.NoOptDefVal != "" {
			return usageError(fmt.Errorf("%q is not a value of --%s without an equals sign", a.args[i+1], name),
				fmt.Sprintf("write --%s=%s (or ./%s for a directory of that name)", name, value, a.args[i+1]))
		}
	}
	return nil
}

// yesNo is what people write for the values of a flag, and how pflag wants them.
var yesNo = map[string]string{
	"yes": "true", "true": "true", "on": "true", "no": "false", "false": "false", "off": "false",
}

// completeDirs has the shell complete a directory, where oneDir is accepted.
func completeDirs(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// projectDir is the project that a command works on: the one named, or that of
// the current directory. As with the go command, that is the module which the
// directory lies in, if sessionseed made it.
func projectDir(args []string) string {
	return namedOr(args, func(dir string) (found, end bool) {
		module := exists(dir, "go.mod")
		return exists(dir, ".sessionseed") || module && exists(dir, "sessionseed.yaml"), module
	})
}

// moduleDir is the module that add works on: the directory named, or as with the go
// command the nearest one with a go.mod, this one or one above.
func moduleDir(args []string) string {
	return namedOr(args, func(dir string) (found, end bool) { return exists(dir, "go.mod"), false })
}

// regenerateIn is the command for a project, which it names unless it is the one around this directory.
func regenerateIn(dir string) string {
	if filepath.Clean(dir) == filepath.Clean(projectDir(nil)) {
		return "sessionseed regenerate"
	}
	return "sessionseed regenerate " + problem.ShellQuote(dir)
}

// inDirectory has a text name the project in its commands, where they would not find it.
func inDirectory(text, dir string) string {
	return strings.ReplaceAll(text, "sessionseed regenerate", regenerateIn(dir))
}

// hintsFor does that to the remedies of an error.
func hintsFor(dir string, err error) error {
	for _, p := range problem.List(err) {
		p.Hint = inDirectory(p.Hint, dir)
	}
	return err
}

func exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}

// namedOr is the directory that was named, else the nearest one for which is reports
// found: the current one or one above it, as seen from the current one. The search stops
// at one for which is reports end; where nothing is found, it is the current one.
func namedOr(args []string, is func(dir string) (found, end bool)) string {
	if len(args) == 1 {
		return args[0]
	}
	here, err := os.Getwd()
	if err != nil {
		return "."
	}
	for dir, up := here, "."; ; dir, up = filepath.Dir(dir), filepath.Join(up, "..") {
		switch found, end := is(dir); {
		case found:
			return up
		case end || dir == filepath.Dir(dir):
			return "."
		}
	}
}
