package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// figure is what one round of one subject cost for each request.
type figure struct{ CPU, Allocs, Bytes float64 }

// batch is how many requests are answered between two looks at the clock.
const batch = 5000

// process is this program once more, with one subject.
type process struct {
	name    string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     io.Closer
	ask     *json.Encoder
	answers *json.Decoder
}

func start(name string) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "-subject", name)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &process{name, cmd, in, out, json.NewEncoder(in), json.NewDecoder(out)}, cmd.Start()
}

// measure has the subject answer requests for the given CPU time.
func (p *process) measure(share time.Duration) (f figure, err error) {
	if err := p.ask.Encode(share); err != nil {
		return f, err
	}
	return f, p.answers.Decode(&f)
}

func (p *process) stop() {
	p.in.Close()
	p.out.Close()
	p.cmd.Wait()
}

// serve is what the process does: one figure for each line on standard input.
func serve(name string) error {
	for _, s := range subjects() {
		if s.name != name {
			continue
		}
		r, err := s.build()
		if err != nil {
			return err
		}
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
	return fmt.Errorf("no subject %q", name)
}

func (r running) measure(share time.Duration) figure {
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
	return figure{
		CPU:    float64(cpu) / n,
		Allocs: float64(after.Mallocs-before.Mallocs) / n,
		Bytes:  float64(after.TotalAlloc-before.TotalAlloc) / n,
	}
}
