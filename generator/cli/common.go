package cli

import "github.com/spf13/pflag"

// common are the flags that every command which works on a project takes.
type common struct {
	config     string
	yes        bool
	noInput    bool
	dryRun     bool
	diff       bool
	json       bool
	quiet      bool
	force      bool
	noColor    bool
	accessible bool
}

func (c *common) talkFlags(f *pflag.FlagSet) {
	f.BoolVarP(&c.quiet, "quiet", "q", false, "say nothing but results and errors")
	f.BoolVar(&c.noColor, "no-color", false, "no colours (also: NO_COLOR, TERM=dumb)")
	f.BoolVar(&c.accessible, "accessible", false, "ask one plain line at a time, for screen readers")
}

func (c *common) jsonFlag(f *pflag.FlagSet) {
	f.BoolVar(&c.json, "json", false, "print the result as one JSON document on standard output")
}

func (c *common) askFlags(f *pflag.FlagSet) {
	f.BoolVarP(&c.yes, "yes", "y", false, "ask nothing: take the default of whatever is left open, and go ahead")
	f.BoolVar(&c.noInput, "no-input", false, "ask nothing: whatever is left open is an error")
}

func (c *common) writeFlags(f *pflag.FlagSet) {
	f.StringVar(&c.config, "config", "", "read options from this `file` (the form of sessionseed.yaml; - is standard input)")
	f.BoolVarP(&c.dryRun, "dry-run", "n", false, "say what would be written, and write nothing")
	f.BoolVar(&c.diff, "diff", false, "show what would change as a unified diff, and write nothing")
}

func (c *common) forceFlag(f *pflag.FlagSet, usage string) {
	f.BoolVarP(&c.force, "force", "f", false, usage)
}
