package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator"
	"github.com/sessionseed/sessionseed/generator/doctor"
)

func (a *app) doctorCommand() *cobra.Command {
	o := doctor.Options{}
	var origins, headers []string
	var steps bool
	cmd := &cobra.Command{
		Use:   "doctor [URL --origin ORIGIN]",
		Short: "Say why a browser would lose the session of a running service",
		Long: `doctor sends to the service at URL what a browser would send for a page on ORIGIN,
follows the session cookie through get, post and check, and says whether a browser
would keep the session; if not, why, and how to fix it on the server and in the
front end. It works on any service, and changes nothing beyond what a visitor does.
Most services start a session at the login: pass one that succeeds with --body.

Without URL it builds the project in the working directory, runs it on a free port
of this machine with a temporary environment, probes it for each origin of its
sessionseed.yaml, and stops it. For an https URL a TLS proxy stands in front. Only
the service is probed then: not the real proxy, and not the pages.

The exit code is 0 if the session works, 3 if it cannot, 1 if no session was seen, or
the service could not be reached, built or started.`,
		Example: `  sessionseed doctor http://localhost:8080 --origin http://localhost:5173
  sessionseed doctor https://api.example.com --origin https://app.example.com \
    --post /login --body @login.json --check /me --client axios
  sessionseed doctor --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && len(origins) == 0 {
				return usageError(errors.New("no --origin is given"), "name the page's origin, such as --origin "+
					"http://localhost:5173")
			}
			var err error
			if o.Headers, err = parseHeaders(headers); err != nil {
				return err
			}
			if o.Body, err = a.readBody(o.Body); err != nil {
				return err
			}
			var reports []*doctor.Report
			if len(args) == 0 {
				reports, err = a.probeProject(cmd.Context(), o, origins)
			} else {
				o.URL = args[0]
				if reports, err = doctor.RunAll(cmd.Context(), o, origins); err != nil {
					err = doctorProblems(err)
				}
			}
			if err != nil {
				return err
			}
			if err := a.printReports(reports, steps); err != nil {
				return err
			}
			if code := doctor.ExitCode(reports); code != exitOK {
				return silent(code)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVar(&origins, "origin", nil, "the page's `origin`, as the address bar shows it (repeatable)")
	f.StringVar(&o.Get, "get", "",
		"`path` that starts the session (default "+doctor.DefaultGet+"; naming one of the three leaves the others out)")
	f.StringVar(&o.Post, "post", "", "`path` of a request that changes something, optionally with a method, e.g. "+
		"\"PUT /cart\" (default "+doctor.DefaultPost+")")
	f.StringVar(&o.Check, "check", "",
		"`path` that answers differently to a visitor who is logged in (default "+doctor.DefaultCheck+")")
	f.StringVar(&o.Body, "body", "", "what post sends; `@file` reads it from a file, @- from standard input "+
		"(default {})")
	f.StringArrayVar(&headers, "header", nil, "`header` that the front end sets, as \"Name: value\" (repeatable)")
	f.StringVar(&o.Cookie, "cookie", "", "`name` of the session cookie (default: the one on which check depends)")
	f.StringVar(&o.Client, "client", "", "how the front end calls: `choice` of fetch, axios or img")
	f.BoolVar(&o.WithoutCredentials, "without-credentials", false, "the front end does not ask for cookies")
	f.StringVar(&o.ThirdParty, "third-party", "", "what the visitors' browsers do with third-party cookies: `choice` "+
		"of blocked or allowed")
	f.BoolVar(&o.Insecure, "insecure", false, "accept any certificate")
	f.BoolVar(&o.Project, "project", false, "the service is a generated one: name the option of sessionseed.yaml with "+
		"each finding, and do not ask for a login behind a captcha (always without URL)")
	f.DurationVar(&o.Timeout, "timeout", 10*time.Second, "limit for each request")
	f.BoolVar(&steps, "steps", false, "list the requests too")
	a.common.jsonFlag(f)
	// They fail for a flag that does not exist only.
	_ = cmd.RegisterFlagCompletionFunc("client", cobra.FixedCompletions([]string{"fetch", "axios", "img"},
		cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("third-party", cobra.FixedCompletions([]string{"blocked", "allowed"},
		cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// printReports prints one report, or a list of them for several origins.
func (a *app) printReports(reports []*doctor.Report, steps bool) error {
	switch {
	case a.common.json && len(reports) == 1:
		_, err := a.out.Write(reports[0].JSON())
		return err
	case a.common.json:
		return printJSON(a.out, reports)
	}
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if err := r.Text(a.out, doctor.TextOptions{Color: a.color(a.out, a.common), Steps: steps}); err != nil {
			return err
		}
	}
	return nil
}

func parseHeaders(lines []string) (http.Header, error) {
	h := http.Header{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, usageError(fmt.Errorf("--header %q is no header", line),
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
			return "", usageError(fmt.Errorf("the body cannot be read: %w", err), "give --body @file, or "+
				"the text itself")
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, 1<<20))
	return string(data), err
}

// doctorProblems gives the doctor's problems of options the form that those of
// the generator have.
func doctorProblems(err error) error {
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	var out []error
	for _, e := range list {
		if nested, ok := e.(interface{ Unwrap() []error }); ok {
			out = append(out, doctorProblems(nested.(error)))
			continue
		}
		var p *doctor.Problem
		if !errors.As(e, &p) {
			return e
		}
		out = append(out, refused(&generator.Problem{Option: p.Option, Fact: p.Fact, Hint: p.Hint}))
	}
	return refused(errors.Join(out...))
}
