package subject

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// Figure is what one round of a route cost for each request.
type Figure struct{ CPU, Allocs, Bytes float64 }

const (
	// Population is the number of sessions whose heap is measured.
	Population = 1_000_000
	// batch is how many requests are answered between two looks at the clock.
	batch = 5000
)

// Main is the program of one library. With -route it answers each line of
// standard input, a time in nanoseconds, with the [Figure] of requests to that
// route for that much CPU time. With -heap it prints how many bytes of live heap
// each of Population sessions takes; fill makes the store, and a handler that
// opens a session there.
func Main(library Library, fill func() (store any, open http.Handler, err error)) {
	log.SetFlags(0)
	route := flag.String("route", "", "serve this `route`")
	flag.Bool("heap", false, "measure the heap instead")
	flag.Parse()
	var err error
	if *route != "" {
		err = serve(library, Route(*route))
	} else {
		err = heap(fill)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func serve(library Library, route Route) error {
	visitors := 1
	if route == ReadMany {
		visitors, route = Many, Read
	}
	handlers, requests, err := library(visitors)
	if err != nil {
		return err
	}
	if handlers[route] == nil {
		return fmt.Errorf("no route %q", route)
	}
	r := running{handlers[route], requests}
	r.round(batch) // warm up
	ask, answer := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var share time.Duration
		if err := ask.Decode(&share); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := answer.Encode(r.measure(share)); err != nil {
			return err
		}
	}
}

// running is one handler and the requests that it answers in turn, each of
// another visitor.
type running struct {
	handler  http.Handler
	requests []*http.Request
}

// round answers n requests.
func (r running) round(n int) {
	w := &discard{h: make(http.Header)}
	for i := range n {
		clear(w.h)
		r.handler.ServeHTTP(w, r.requests[i%len(r.requests)])
	}
}

func (r running) measure(share time.Duration) Figure {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, cpu, n := measure.SelfCPU(), time.Duration(0), 0.0
	for cpu < share {
		r.round(batch)
		n += batch
		cpu = measure.SelfCPU() - start
	}
	runtime.ReadMemStats(&after)
	return Figure{
		CPU:    float64(cpu) / n,
		Allocs: float64(after.Mallocs-before.Mallocs) / n,
		Bytes:  float64(after.TotalAlloc-before.TotalAlloc) / n,
	}
}

// discard is a ResponseWriter that costs nothing.
type discard struct{ h http.Header }

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

func heap(fill func() (any, http.Handler, error)) error {
	before := live()
	store, open, err := fill()
	if err != nil {
		return err
	}
	running{open, []*http.Request{httptest.NewRequest("GET", "/", nil)}}.round(Population)
	after := live()
	runtime.KeepAlive(store)
	return json.NewEncoder(os.Stdout).Encode(float64(after-before) / Population)
}

func live() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
