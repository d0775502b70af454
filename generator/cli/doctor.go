package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/doctor"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/policy"
)

// doctorOptions are what `doctor` is run with.
type doctorOptions struct {
	probe   doctor.Options // without URL: the project's in the working directory
	origins []string
	headers []string // "Name: value"
	steps   bool     // list the requests too
	json    bool
}

func newCmdDoctor(a *app, run func(context.Context, *doctorOptions) error) *cobra.Command {
	o := &doctorOptions{}
	if run == nil {
		run = a.runDoctor
	}
	cmd := &cobra.Command{
		Use:   "doctor [URL --origin ORIGIN]",
		Short: "Explain why a browser would lose the session of a running service",
		Long: `doctor sends the service at URL what a browser would send for a page on ORIGIN,
and says whether a browser would keep the session; if not, why, and how to fix
it. It works on any service, and changes nothing beyond what a visitor does.
Without --get, --post and --check it asks for /code, /login and /me; with any of
them, for no others. Most services start a session at login: pass a login that
succeeds with --body.

Without URL it builds the project in the working directory (one that new wrote),
runs it on a free port (as if behind a TLS proxy where publicURL is https), and
probes it for each origin in its sessionseed.yaml. Exit code: 0 the session
works, 3 it cannot, or the build fails, 1 no session was seen, or no response.`,
		Example: `  sessionseed doctor http://localhost:8080 --origin http://localhost:5173
  sessionseed doctor https://api.example.com --origin https://app.example.com \
    --post /login --body @login.json --check /me --client axios
  sessionseed doctor --json`,
		Args: func(cmd *cobra.Command, args []string) error { return atMostOne(cmd, args, "URL") },
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.probe.URL = args[0]
			}
			return run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVar(&o.origins, "origin", nil, "the page's `origin` (repeatable)")
	f.StringVar(&o.probe.Get, "get", "", "`path` that starts the session")
	f.StringVar(&o.probe.Post, "post", "", "`path` that changes it, or \"PUT /profile\"")
	f.StringVar(&o.probe.Check, "check", "", "`path` that depends on a login")
	f.StringVar(&o.probe.Body, "body", "", "`text` that --post sends; @FILE or @- reads it")
	f.StringArrayVar(&o.headers, "header", nil, "the front end's `\"Name: value\"` (repeatable)")
	f.StringVar(&o.probe.Cookie, "cookie", "", "`name` of the session cookie, if doctor misses it")
	f.StringVar(&o.probe.Client, "client", "", "`client` of the front end: fetch, axios or img")
	f.BoolVar(&o.probe.WithoutCredentials, "without-credentials", false,
		"the front end sends requests without credentials")
	f.StringVar(&o.probe.ThirdParty, "third-party", "", "`state` of third-party cookies: blocked or allowed")
	f.BoolVar(&o.probe.Insecure, "insecure", false, "accept any certificate")
	f.BoolVar(&o.probe.Project, "project", false, "sessionseed wrote it: say which option to change")
	f.DurationVar(&o.probe.Timeout, "timeout", 10*time.Second, "limit per request; 6 times for all")
	f.BoolVar(&o.steps, "steps", false, "list the requests too")
	jsonFlag(f, &o.json)
	// They fail only for a flag that does not exist.
	_ = cmd.RegisterFlagCompletionFunc("client",
		cobra.FixedCompletions([]string{"fetch", "axios", "img"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("third-party",
		cobra.FixedCompletions([]string{"blocked", "allowed"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) runDoctor(ctx context.Context, o *doctorOptions) error {
	if info, err := os.Stat(o.probe.URL); err == nil && info.IsDir() {
		return usageError(fmt.Errorf("%q is a directory, and doctor takes a URL", o.probe.URL),
			"to examine the project in it: cd "+problem.ShellQuote(o.probe.URL)+" && sessionseed doctor")
	}
	if o.probe.URL != "" && len(o.origins) == 0 {
		return usageError(errors.New("no --origin is given"),
			"name the page's origin, such as --origin http://localhost:5173")
	}
	probe := o.probe
	var err error
	if probe.Headers, err = parseHeaders(o.headers); err != nil {
		return err
	}
	if probe.Body, err = a.readBody(probe.Body); err != nil {
		return err
	}
	var reports []*doctor.Report
	if probe.URL == "" {
		reports, err = a.probeProject(ctx, probe, o.origins)
	} else if reports, err = doctor.RunAll(ctx, probe, o.origins); err != nil {
		err = refusedOptions(err)
	}
	if err != nil {
		return err
	}
	if err := a.printReports(reports, o); err != nil {
		return err
	}
	if code := doctor.ExitCode(reports); code != exitOK {
		return silent(code)
	}
	return nil
}

// printReports prints one report, or a list of them for several origins.
func (a *app) printReports(reports []*doctor.Report, o *doctorOptions) error {
	switch {
	case o.json && len(reports) == 1:
		_, err := a.out.Write(reports[0].JSON())
		return err
	case o.json:
		return printJSON(a.out, reports)
	}
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if err := r.Text(a.out, doctor.TextOptions{Color: a.color(a.out), Steps: o.steps}); err != nil {
			return err
		}
	}
	return nil
}

func parseHeaders(lines []string) (http.Header, error) {
	h := http.Header{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !policy.IsToken(strings.TrimSpace(name)) {
			return nil, usageError(fmt.Errorf("--header %q is not a header", line),
				`write it as "X-Requested-With: XMLHttpRequest"`)
		}
		h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return h, nil
}

// readBody keeps a body with a password in it out of the process list.
func (a *app) readBody(text string) (string, error) {
	name, ok := strings.CutPrefix(text, "@")
	if !ok {
		return text, nil
	}
	in := a.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", usageError(fmt.Errorf("the body cannot be read: %w", err),
				"pass --body @FILE, or the text itself")
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, 1<<20))
	return string(data), err
}
