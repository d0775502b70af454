package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
	"github.com/sessionseed/sessionseed/templates/service/internal/cors"
)

// originCurves asks for the last origin of lists of each length.
func originCurves(rounds int) ([]curve, error) {
	sizes := []int{1, 3, 10, 30, 100, 300, 1000}
	handlers, requests := make([]http.Handler, len(sizes)), make([]*http.Request, len(sizes))
	for i, n := range sizes {
		var list []string
		for j := range n {
			list = append(list, fmt.Sprintf("https://front-end-%d.example.com", j))
		}
		m, err := cors.New(cors.Config{Origins: list})
		if err != nil {
			return nil, err
		}
		handlers[i] = m.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		requests[i] = httptest.NewRequest("GET", "/", nil)
		requests[i].Header.Set("Origin", list[n-1])
	}
	costs := make([][]float64, len(sizes))
	err := measure.Interleave(rounds, len(sizes), func(_, i int) error {
		const times = 200_000
		w := &discard{header: http.Header{}}
		cpu := measure.SelfCPU()
		for range times {
			clear(w.header)
			handlers[i].ServeHTTP(w, requests[i])
		}
		costs[i] = append(costs[i], float64(measure.SelfCPU()-cpu)/times)
		if w.header.Get("Access-Control-Allow-Origin") == "" {
			return fmt.Errorf("%d origins: the last one is not allowed", sizes[i])
		}
		return nil
	})
	c := curve{"origins.svg", "CORS: one request of a listed origin", "origins", "ns CPU", nil,
		"1000 origins cost at most 2 times one origin", flat(2)}
	for i, n := range sizes {
		c.points = append(c.points, point{float64(n), measure.Median(costs[i])})
	}
	return []curve{c}, err
}

// discard is a ResponseWriter that costs nothing.
type discard struct {
	header http.Header
	status int // 0 unless it was set
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }
