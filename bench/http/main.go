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
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
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

// route is one kind of request, and what its answer must hold.
type route struct{ method, path, want string }

var routes = []route{
	{"GET", "/untouched", `"user":"ann"`},
	{"GET", "/read", `"user":"ann"`},
	{"POST", "/write", `"count":`},
}

// figure is what one round of one route of one service gave.
type figure struct{ perSecond, cpu, p50, p99 float64 } // 1/s, and microseconds

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
	flag.DurationVar(&s.limit, "limit", 8*time.Second, "the longest `time` for them; what is not sent by then is left out")
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
	pin := pinned()
	for _, one := range all {
		defer one.stop()
		if err := one.start(ctx, pin); err != nil {
			return err
		}
		for range s.clients {
			v, err := visit(one.addr)
			if err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
			one.visits = append(one.visits, v)
		}
		for _, r := range routes { // for node's compiler, which needs some thousand calls
			if _, err := load(one.visits, r, 4*s.limit, max(5000, s.requests)); err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
		}
	}
	if profiles != "" {
		return profileAll(all[0], s, profiles)
	}

	figures := map[string]map[route][]figure{}
	for _, one := range all {
		figures[one.name] = map[route][]figure{}
	}
	err = measure.Interleave(s.rounds, len(all), func(_, i int) error {
		for _, r := range routes {
			f, err := all[i].measure(r, s)
			if err != nil {
				return fmt.Errorf("%s: %w", all[i].name, err)
			}
			figures[all[i].name][r] = append(figures[all[i].name][r], f)
		}
		return nil
	})
	if err != nil {
		return err
	}
	memory := map[string][2]int64{}
	for _, one := range all {
		now, peak, err := measure.Resident(one.process.Process.Pid)
		if err != nil {
			return err
		}
		memory[one.name] = [2]int64{now, peak}
	}
	text, err := report(all, figures, memory, s, len(pin) > 0, time.Since(started))
	fmt.Print(text)
	return err
}

// pinned keeps this process to all processors but the first, and returns the
// command that keeps a service to the first. Without taskset, or with one
// processor, nothing is kept apart.
func pinned() []string {
	taskset, err := exec.LookPath("taskset")
	if err != nil || runtime.NumCPU() < 2 {
		return nil
	}
	others := "1-" + strconv.Itoa(runtime.NumCPU()-1)
	if err := exec.Command(taskset, "-a", "-c", "-p", others, strconv.Itoa(os.Getpid())).Run(); err != nil {
		return nil
	}
	return []string{taskset, "-c", "0"}
}

// measure loads one route once.
func (s *service) measure(r route, with settings) (figure, error) {
	pid := s.process.Process.Pid
	before, err := measure.ProcessCPU(pid)
	if err != nil {
		return figure{}, err
	}
	start := time.Now()
	took, err := load(s.visits, r, with.limit, with.requests)
	if err != nil {
		return figure{}, err
	}
	elapsed := time.Since(start)
	after, err := measure.ProcessCPU(pid)
	if err != nil {
		return figure{}, err
	}
	slices.Sort(took)
	n := len(took)
	micros := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	return figure{
		perSecond: float64(n) / elapsed.Seconds(),
		cpu:       micros(after-before) / float64(n),
		p50:       micros(took[n/2]),
		p99:       micros(took[n*99/100]),
	}, nil
}

// profileAll profiles the service under each route's load.
func profileAll(s *service, with settings, dir string) error {
	const during = 10 * time.Second
	for _, r := range routes {
		file, err := os.Create(filepath.Join(dir, r.path[1:]+".pprof"))
		if err != nil {
			return err
		}
		done := make(chan error, 1)
		go func() { done <- profile(s.addr, during, file) }()
		_, err = load(s.visits, r, during, 1<<30)
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
