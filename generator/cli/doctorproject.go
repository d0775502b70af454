package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/sessionseed/sessionseed/generator/doctor"
	"github.com/sessionseed/sessionseed/generator/doctor/launch"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
	"github.com/sessionseed/sessionseed/generator/state"
)

// probeProject builds the project in the working directory, runs it on this
// machine and probes it for the origins, or if there are none for those of
// sessionseed.yaml.
func (a *app) probeProject(ctx context.Context, o doctor.Options, origins []string) ([]*doctor.Report, error) {
	info, err := os.Lstat("sessionseed.yaml")
	if err == nil && !info.Mode().IsRegular() {
		return nil, usageError(errors.New(`"sessionseed.yaml" is not a plain file`),
			"replace it with a plain file, or give the URL of a running service")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError(errors.New("no URL is given, and there is no sessionseed.yaml here"),
			"give the URL of a running service, or change to the directory of a project")
	}
	file, err := a.readConfig("sessionseed.yaml", nil)
	if err != nil {
		return nil, refused(err)
	}
	s, err := gather(file, nil, nil)
	if last, unknown := state.GeneratedOptions(".", a.gen.Owned()); unknown == nil {
		s, err = gatherOver(last, file, nil, nil)
		if err == nil && len(options.ChangedOptions(last, s.options)) > 0 {
			a.say("sessionseed: sessionseed.yaml has options that are not in the code yet, which is what runs: run " +
				"sessionseed regenerate first")
		}
	}
	if err != nil {
		return nil, refused(err)
	}
	decided, err := s.options.Policy()
	if err != nil {
		return nil, refused(err)
	}
	if s.options.Into != "" {
		command := "sessionseed doctor " + decided.PublicURL.String() + " --origin " +
			cmp.Or(strings.Join(policy.Strings(decided.Origins), " --origin "), decided.PublicURL.String()) +
			" --project"
		start := "start it, and give its URL: "
		if !s.options.Captcha.Enabled {
			start = "start it, write the JSON of a login that succeeds into login.json, and give its URL: "
			command += " --body @login.json"
		}
		return nil, usageError(errors.New("no URL is given, and the service around this project is yours to start"),
			start+command)
	}
	if len(origins) == 0 {
		origins = policy.Strings(decided.Origins)
	}
	if len(origins) == 0 {
		origins = []string{decided.PublicURL.String()}
	}
	// Without a captcha there is no session before a login.
	table := s.options.Accounts == "table"
	account := !s.options.Captcha.Enabled && o.Get == "" && o.Post == "" && o.Check == "" && o.Body == ""
	account = account && (!table || s.options.Store == "sqlite") // in a server's database it would stay
	a.say("Building the service and running it for %s on a port of this machine, with random keys.", decided.PublicURL)
	done := a.progress("Compiling the service")
	service, err := launch.Start(ctx, launch.Options{
		Dir: ".", PublicURL: decided.PublicURL, StoreURL: a.storeURL(s.options.Store),
		Account: account, Table: table, Environ: a.environ,
	})
	done()
	if err != nil {
		return nil, a.launchProblem(ctx, err)
	}
	defer service.Stop()
	if account {
		o.Post, o.Check = doctor.DefaultPost, doctor.DefaultCheck
		login, err := json.Marshal(map[string]string{"username": launch.Username, "password": service.Password})
		if err != nil {
			return nil, err
		}
		o.Body = string(login)
	}
	o.URL, o.Project, o.DialContext, o.RootCAs = decided.PublicURL.String(), true, service.DialContext, service.RootCAs
	reports, err := doctor.RunAll(ctx, o, origins)
	if err != nil {
		return nil, refusedOptions(err)
	}
	return reports, nil
}

// storeURL is where a store outside of the process is: the environment says it,
// or .env. The other stores are temporary.
func (a *app) storeURL(store string) string {
	switch store {
	case "sqlite":
		return "sessions.db" // the service's directory is a temporary one
	case "memory", "cookie":
		return ""
	}
	if v := a.getenv("STORE_URL"); v != "" {
		return v
	}
	data, err := os.ReadFile(".env")
	if err != nil {
		return "" // the project's default
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "STORE_URL="); ok {
			return strings.Trim(value, `'"`)
		}
	}
	return ""
}

func (a *app) launchProblem(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	what, output, ok := strings.Cut(err.Error(), "\n")
	if ok { // of the compiler, or of the service
		fmt.Fprintln(a.err, safeLines(output))
	}
	code := exitError
	if strings.HasPrefix(what, "the project does not compile") {
		code = exitDrift
	}
	return &codedError{
		code: code,
		err:  errors.New("the project could not be probed: " + strings.TrimSuffix(what, ":")),
		hint: "fix it, or start the service yourself and give its URL",
	}
}
