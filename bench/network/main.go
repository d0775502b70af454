// Command network measures services that keep their sessions in Redis or in
// PostgreSQL, each half a millisecond away, over HTTP: the emitted service
// beside scs, express and koa. It writes its report to standard output:
//
//	go run . > RESULTS.md
//
// It runs on Linux and needs node, npm, redis-server, the programs of PostgreSQL
// and, to keep services and load apart, taskset. The servers are its own, on free
// ports and with their files in a temporary directory, like everything that it
// generates and builds.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
	"github.com/sessionseed/sessionseed/templates/service/bench/service"
)

// delay is the round trip to the store beyond that of the loopback interface.
const delay = 500 * time.Microsecond

// many is the number of connections, each with its own session, beside one alone.
const many = 16

// Routes. Signing in begins a session, since its visitor has none.
var (
	untouched = service.Route{Method: "GET", Path: "/untouched", Want: `"user":"ann"`}
	read      = service.Route{Method: "GET", Path: "/read", Want: `"user":"ann"`}
	write     = service.Route{Method: "POST", Path: "/write", Want: `"count":`}
	signIn    = service.Open
	routes    = []service.Route{read, write, untouched, signIn}
)

// subject is a service and the proxy that leads to its store.
type subject struct {
	service.Service
	proxy   *proxy
	figures map[service.Route]*figures
}

// figures of one route, one of each kind a round.
type figures struct {
	alone, together []service.Figure // with one connection, and with many
	trips           []float64        // for each request of the one connection
}

// settings of a run.
type settings struct {
	rounds, alone, together int
	limit                   time.Duration
}

func main() {
	log.SetFlags(0)
	var s settings
	flag.IntVar(&s.rounds, "rounds", 10, "interleaved `rounds`, at least 6")
	flag.IntVar(&s.alone, "alone", 250, "`requests` of one connection to each route of each service in a round")
	flag.IntVar(&s.together, "together", 2000, fmt.Sprintf("`requests` of %d connections", many))
	flag.DurationVar(&s.limit, "limit", 20*time.Second, "the longest `time` for either")
	flag.Parse()
	s.rounds = max(s.rounds, measure.MinRounds)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, s); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, s settings) error {
	started := time.Now()
	dir, err := os.MkdirTemp("", "bench-network-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	pin := service.Pin()
	// A proxy that waits is in a system call, and must not keep others from running meanwhile.
	runtime.GOMAXPROCS(max(4, runtime.NumCPU()))

	redis, stopRedis, err := startRedis(ctx)
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	defer stopRedis()
	postgres, stopPostgres, err := startPostgres(ctx)
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	defer stopPostgres()
	pings, err := timePings(redis)
	if err != nil {
		return err
	}
	all, err := subjects(ctx, dir, redis, postgres)
	if err != nil {
		return err
	}
	for _, one := range all {
		defer one.Stop()
		if err := one.Start(ctx, pin, many); err != nil {
			return err
		}
		for _, r := range routes { // for node's compiler, which needs some thousand calls
			if _, err := one.Measure(r, many, max(3000, s.together), 4*s.limit); err != nil {
				return err
			}
		}
	}
	err = measure.Interleave(s.rounds, len(all), func(_, i int) error {
		for _, r := range routes {
			if err := all[i].round(r, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	text, err := report(all, pings, s, len(pin) > 0, time.Since(started))
	fmt.Print(text)
	return err
}

func (s *subject) round(r service.Route, with settings) error {
	to := s.figures[r]
	before := s.proxy.trips.Load()
	alone, err := s.Measure(r, 1, with.alone, with.limit)
	if err != nil {
		return err
	}
	trips := float64(s.proxy.trips.Load()-before) / float64(with.alone)
	together, err := s.Measure(r, many, with.together, with.limit)
	if err != nil {
		return err
	}
	to.alone, to.together, to.trips = append(to.alone, alone), append(to.together, together), append(to.trips, trips)
	return nil
}

// Subjects.
const (
	emittedRedis    = "emitted, redis"
	scsGoRedis      = "net/http + scs goredisstore"
	scsRedigo       = "net/http + scs redisstore"
	expressRedis    = "express + express-session + connect-redis"
	koaRedis        = "koa + koa-session + a store of node-redis"
	emittedPostgres = "emitted, postgres"
	scsPostgres     = "net/http + scs pgxstore"
)

// peers of each emitted service.
var peers = map[string][]string{
	emittedRedis:    {scsGoRedis, scsRedigo, expressRedis, koaRedis},
	emittedPostgres: {scsPostgres},
}

// subjects builds every service in dir, with a proxy to a database of its own.
func subjects(ctx context.Context, dir, redis, postgres string) ([]*subject, error) {
	const nodeSource = "../http/peers"
	if err := service.Run(ctx, nodeSource, "npm", "ci"); err != nil {
		return nil, err
	}
	withSCS := filepath.Join(dir, "scsserver")
	if err := service.Run(ctx, "scsserver", "go", "build", "-o", withSCS, "."); err != nil {
		return nil, err
	}
	withRedis, err := service.Emit(ctx, filepath.Join(dir, "redis"), "redis", true)
	if err != nil {
		return nil, err
	}
	withPostgres, err := service.Emit(ctx, filepath.Join(dir, "postgres"), "postgres", true)
	if err != nil {
		return nil, err
	}
	// Each request may have a connection of its own. node-redis has one for all, which it never waits on.
	pooledRedis := fmt.Sprintf("redis://%%s/%%d?pool_size=%d", many)
	pooledPostgres := fmt.Sprintf("postgres://postgres@%%s/subject%%d?sslmode=disable&pool_max_conns=%d", many)
	plainRedis := "redis://%s/%d"
	var all []*subject
	for i, one := range []struct {
		name    string
		command []string
		dir     string
		env     string
		server  string
		url     string // of the proxy and the database of that number
	}{
		{emittedRedis, []string{withRedis}, dir, "SIGN_IN=1", redis, pooledRedis},
		{scsGoRedis, []string{withSCS}, dir, "STORE=goredisstore", redis, pooledRedis},
		{scsRedigo, []string{withSCS}, dir, "STORE=redisstore", redis, plainRedis},
		{expressRedis, []string{"node", "express.mjs"}, nodeSource, "", redis, plainRedis},
		{koaRedis, []string{"node", "koa.mjs"}, nodeSource, "", redis, plainRedis},
		{emittedPostgres, []string{withPostgres}, dir, "SIGN_IN=1", postgres, pooledPostgres},
		{scsPostgres, []string{withSCS}, dir, "STORE=pgxstore", postgres, pooledPostgres},
	} {
		p, err := newProxy(one.server, delay)
		if err != nil {
			return nil, err
		}
		env := []string{one.env, "STORE_URL=" + fmt.Sprintf(one.url, p.addr(), i)}
		s := &subject{
			Service: service.Service{Name: one.name, Command: one.command, Dir: one.dir, Env: env},
			proxy:   p,
			figures: map[service.Route]*figures{},
		}
		for _, r := range routes {
			s.figures[r] = &figures{}
		}
		all = append(all, s)
	}
	return all, nil
}
