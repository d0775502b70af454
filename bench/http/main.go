// Command http measures the emitted service over HTTP beside koa, express and
// scs, and writes its report to standard output:
//
//	go run . > RESULTS.md
//	go run . -profile DIR     CPU profiles of the emitted service instead
//
// It runs on Linux and needs node, npm and, to keep services and load apart,
// taskset. What it generates and builds goes to a temporary directory.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
	"github.com/sessionseed/sessionseed/templates/service/bench/service"
)

// Subjects.
const (
	emittedMemory = "emitted, memory"
	emittedCookie = "emitted, cookie"
	emittedBare   = "emitted without sessions"
	emittedQuiet  = "emitted, memory, LOG_LEVEL=warn"
	scsMemory     = "net/http + scs memstore"
	plainEmitted  = "net/http + the emitted sessions"
	plainBare     = "net/http without sessions"
	koaDuties     = "koa with the same duties, memory"
	koaMemory     = "koa + koa-session, memory"
	koaCookie     = "koa + koa-session, cookie"
	expressMemory = "express + express-session, memory"
)

var (
	untouched = service.Route{Method: "GET", Path: "/untouched", Want: `"user":"ann"`}
	read      = service.Route{Method: "GET", Path: "/read", Want: `"user":"ann"`}
	write     = service.Route{Method: "POST", Path: "/write", Want: `"count":`}
	routes    = []service.Route{untouched, read, write}
)

// settings of a run.
type settings struct {
	rounds   int
	requests int
	limit    time.Duration
	clients  int
}

func main() {
	log.SetFlags(0)
	var s settings
	flag.IntVar(&s.rounds, "rounds", 10, "interleaved `rounds`, at least 6")
	flag.IntVar(&s.requests, "requests", 3000, "`requests` of each route to each service in a round")
	flag.DurationVar(&s.limit, "limit", 8*time.Second, "the longest `time` for them; what is not sent by then "+
		"is left out")
	flag.IntVar(&s.clients, "clients", 16, "keep-alive `connections`, each with its own session")
	profiles := flag.String("profile", "", "write CPU profiles of the emitted service to this `directory`")
	flag.Parse()
	s.rounds = max(s.rounds, measure.MinRounds)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := measureAll(ctx, s, *profiles); err != nil {
		log.Fatal(err)
	}
}

func measureAll(ctx context.Context, s settings, profiles string) error {
	started := time.Now()
	dir, err := os.MkdirTemp("", "bench-http-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	all, err := services(ctx, dir)
	if err != nil {
		return err
	}
	if profiles != "" {
		all = all[:1]
	}
	pin := service.Pin()
	for _, one := range all {
		defer one.Stop()
		if err := one.Start(ctx, pin, s.clients); err != nil {
			return err
		}
		for _, r := range routes { // for node's compiler, which needs some thousand calls
			if _, err := one.Measure(r, s.clients, max(5000, s.requests), 4*s.limit); err != nil {
				return err
			}
		}
	}
	if profiles != "" {
		return profileAll(all[0], s, profiles)
	}

	figures := figures{}
	for _, one := range all {
		figures[one.Name] = map[service.Route][]service.Figure{}
	}
	err = measure.Interleave(s.rounds, len(all), func(_, i int) error {
		for _, r := range routes {
			f, err := all[i].Measure(r, s.clients, s.requests, s.limit)
			if err != nil {
				return err
			}
			figures[all[i].Name][r] = append(figures[all[i].Name][r], f)
		}
		return nil
	})
	if err != nil {
		return err
	}
	memory := map[string][2]int64{}
	for _, one := range all {
		now, peak, err := one.Memory()
		if err != nil {
			return err
		}
		memory[one.Name] = [2]int64{now, peak}
	}
	text, err := report(all, figures, memory, s, len(pin) > 0, time.Since(started))
	fmt.Print(text)
	return err
}

// services builds every subject in dir. The emitted ones come first.
func services(ctx context.Context, dir string) ([]*service.Service, error) {
	var all []*service.Service
	binaries := map[string]string{}
	for _, e := range []struct {
		name, store string
		sessions    bool
		env         []string
	}{
		{emittedMemory, "memory", true, nil},
		{emittedCookie, "cookie", true, nil},
		{emittedBare, "memory", false, nil},
		{emittedQuiet, "memory", true, []string{"LOG_LEVEL=warn"}},
	} {
		project := filepath.Join(dir, e.store+strconv.FormatBool(e.sessions))
		if binaries[project] == "" {
			binary, err := service.Emit(ctx, project, e.store, e.sessions)
			if err != nil {
				return nil, err
			}
			binaries[project] = binary
		}
		all = append(all, &service.Service{Name: e.name, Command: []string{binaries[project]}, Dir: project,
			Env: e.env})
	}
	binary := filepath.Join(dir, "plainserver")
	if err := service.Run(ctx, "plainserver", "go", "build", "-o", binary, "."); err != nil {
		return nil, err
	}
	if err := service.Run(ctx, "peers", "npm", "ci"); err != nil {
		return nil, err
	}
	peer := func(name string, command []string, env ...string) *service.Service {
		return &service.Service{Name: name, Command: command, Dir: "peers", Env: env}
	}
	plain, koa, express := []string{binary}, []string{"node", "koa.mjs"}, []string{"node", "express.mjs"}
	return append(all,
		peer(scsMemory, plain),
		peer(plainEmitted, plain, "STORE=emitted"),
		peer(plainBare, plain, "STORE=none"),
		peer(koaDuties, koa, "DUTIES=all"),
		peer(koaMemory, koa),
		peer(koaCookie, koa, "STORE=cookie"),
		peer(expressMemory, express),
	), nil
}

// profileAll profiles the service under each route's load.
func profileAll(s *service.Service, with settings, dir string) error {
	const during = 10 * time.Second
	for _, r := range routes {
		file, err := os.Create(filepath.Join(dir, r.Path[1:]+".pprof"))
		if err != nil {
			return err
		}
		done := make(chan error, 1)
		go func() { done <- profile(s.Addr, during, file) }()
		_, err = s.Measure(r, with.clients, 1<<30, during)
		if failed := <-done; err == nil {
			err = failed
		}
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
		fmt.Println(file.Name())
	}
	return nil
}

// profile saves the CPU profile that an emitted service takes of itself.
func profile(addr string, during time.Duration, to io.Writer) error {
	answer, err := http.Get(fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", addr, int(during.Seconds())))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("profile: %s", answer.Status)
	}
	_, err = io.Copy(to, answer.Body)
	return err
}
