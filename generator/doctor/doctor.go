// Package doctor says why a browser would lose the session of a running service, for a page on a given origin.
//
//	report, err := doctor.Run(ctx, doctor.Options{
//		URL:    "https://api.example.com",
//		Origin: "https://app.example.com",
//		Get:    "/code", Post: "/login", Check: "/me",
//	})
//	if err != nil {
//		return err // an option that makes no sense
//	}
//	report.Text(os.Stdout, doctor.TextOptions{Color: true})
//	os.Exit(report.ExitCode())
//
// It works on any service. It sends what a browser would send for that page (preflights in a browser's spelling,
// Origin, Sec-Fetch-*), follows redirects and cookies through get, post and check, twice, finds out on which cookie the
// answer to check depends, and predicts with the rules of [github.com/sessionseed/sessionseed/generator/policy] what
// Chromium does with it. The verdict is [Works] only if a session was set, came back, and made check answer otherwise
// than without it (for a project, a captcha that is known is enough). Every [Finding] has a stable code, the evidence,
// the rule in a sentence or two, and the remedy for server and front end.
//
// Nothing is changed beyond what a visitor does: the post sends the body {} by default, which a login
// refuses. The service is not trusted: each answer has a time limit, bodies and headers are read up to a limit,
// redirects are followed within the service only, and text from the service loses its control characters before it is
// shown.
package doctor

import (
	"context"
	"errors"
)

// Run probes the service and reports. The error is about the options alone; a service that cannot be reached is a
// finding, and the report's verdict is then [NotProbed] or [CannotWork].
func Run(ctx context.Context, o Options) (*Report, error) {
	e, err := newExamination(o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, maxTime*e.o.Timeout)
	defer cancel()
	e.run(ctx)
	e.report.conclude()
	return e.report, nil
}

// RunAll probes one service for several pages, one after the other. It stops when the context ends.
func RunAll(ctx context.Context, o Options, origins []string) ([]*Report, error) {
	var reports []*Report
	var problems []error
	for _, origin := range origins {
		o.Origin = origin
		report, err := Run(ctx, o)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		reports = append(reports, report)
		if ctx.Err() != nil {
			break
		}
	}
	return reports, errors.Join(append(problems, ctx.Err())...)
}
