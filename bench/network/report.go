package main

import (
	"fmt"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
	"github.com/sessionseed/sessionseed/templates/service/bench/service"
)

// report is RESULTS.md. pings are microseconds straight and through a proxy.
func report(all []*subject, pings [2]float64, s settings, apart bool, took time.Duration) (string, error) {
	const scs = "github.com/alexedwards/scs/"
	versions, err := service.Versions("../http/peers",
		[]string{"express", "express-session", "connect-redis", "koa", "koa-session", "redis"},
		[]string{scs + "v2", scs + "goredisstore", scs + "redisstore", scs + "pgxstore",
			"github.com/redis/go-redis/v9", "github.com/gomodule/redigo", "github.com/jackc/pgx/v5"})
	if err != nil {
		return "", err
	}
	var r measure.Report
	where := "Services, stores and load share the processors"
	if apart {
		where = "Services are kept to the first processor; load, proxy and stores to the others"
	}
	r.Printf(`# The service with its sessions behind a network

Written by `+"`go run . > RESULTS.md`"+` in bench/network. %s; %s.

The same routes as in bench/http, and "POST /open", which signs in a visitor who has no session. Each service reaches its
store through a proxy that adds %v to a round trip: a PING of Redis takes %.0f µs through it, and %.0f without.
%s.

- **emitted** is what `+"`sessionseed new`"+` writes, with the routes added. Its sessions are signed in, so each read also
  checks that the user's sessions have not been ended; the other services have no such check.
- Go services have a pool of %d connections to the store; node-redis has one, which all requests share.
- The stores write nothing to the disk before they answer: Redis without persistence, PostgreSQL with fsync off.

Each figure is the median of %d rounds in which the services take turns: %d requests of one keep-alive connection, or %d
of %d connections with a session each. Half of the requests were answered within p50. The proxy counts round trips with
one connection: a new one begins with what is sent to the store after it has answered. The run took %v.
`, measure.Machine(), versions, delay, pings[1], pings[0], where, many, s.rounds, s.alone, s.together, many,
		took.Round(time.Second))

	byName := map[string]*subject{}
	for _, one := range all {
		byName[one.Name] = one
	}
	for _, route := range routes {
		var rows [][]string
		for _, one := range all {
			f := one.figures[route]
			rows = append(rows, []string{one.Name,
				fmt.Sprintf("%.2f", measure.Median(f.trips)),
				fmt.Sprintf("%.0f", measure.MedianOf(f.alone, service.PerSecond)),
				fmt.Sprintf("%.0f", measure.MedianOf(f.alone, service.P50)),
				fmt.Sprintf("%.0f", measure.MedianOf(f.together, service.PerSecond)),
				fmt.Sprintf("%.0f", measure.MedianOf(f.together, service.P50)),
			})
		}
		r.Printf("\n## %s\n", route)
		r.Table([]string{"service", "round trips:", "requests/s, 1 connection:", "p50 µs:",
			fmt.Sprintf("requests/s, %d connections:", many), "p50 µs:"}, rows)
	}
	var aims []measure.Aim
	for _, name := range []string{emittedRedis, emittedPostgres} {
		ours := byName[name]
		for _, peer := range peers[name] {
			aims = append(aims, ahead(ours, byName[peer]))
		}
		for _, b := range []struct {
			r    service.Route
			most float64
		}{{read, 1}, {write, 2}, {untouched, 0}, {signIn, 3}} {
			trips := measure.Median(ours.figures[b.r].trips)
			aims = append(aims, measure.Aim{
				Aim:     fmt.Sprintf("%s, %s: round trips to the store, at most %.0f", name, b.r, b.most),
				Reached: fmt.Sprintf("%.2f", trips),
				Met:     trips < b.most+0.05, // but for a connection that is opened meanwhile
			})
		}
	}
	r.Aims(aims)
	return r.String(), nil
}

// ahead compares the reads of two services.
func ahead(ours, peer *subject) measure.Aim {
	a, b := ours.figures[read], peer.figures[read]
	both := func(of func(service.Figure) float64) [2]float64 {
		return [2]float64{service.Ratio(a.alone, b.alone, of), service.Ratio(a.together, b.together, of)}
	}
	perSecond, p50 := both(service.PerSecond), both(service.P50)
	return measure.Aim{
		Aim: fmt.Sprintf("%s, %s: ahead of %s in requests/s and p50", ours.Name, read, peer.Name),
		Reached: fmt.Sprintf("%.2f and %.2f times the requests/s, %.2f and %.2f of the p50 (1 and %d connections)",
			perSecond[0], perSecond[1], p50[0], p50[1], many),
		Met: min(perSecond[0], perSecond[1]) > 1 && max(p50[0], p50[1]) < 1,
	}
}
