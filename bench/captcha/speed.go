package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"slices"
	"testing"
	"time"

	dchest "github.com/dchest/captcha"
	steambap "github.com/steambap/captcha"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

// rounds in which the subjects take turns, after one that warms them up; share is the CPU time that each gets in one.
const (
	rounds = 12
	share  = 300 * time.Millisecond
)

// subject draws pictures of 4 characters, 120x30 pixels, in one thread.
type subject struct {
	name string
	// draw makes n pictures and returns the CPU time it took and the bytes of each.
	draw func(n int) (cpu time.Duration, sizes []int, err error)
}

// speed is what was measured of a subject.
type speed struct {
	name   string
	micros []float64 // CPU time of a picture in each round
	bytes  int       // the median picture
}

// ratios returns how many times as fast as other this subject was, round by round.
func (s speed) ratios(other speed) []float64 {
	out := make([]float64, len(s.micros))
	for i := range out {
		out[i] = other.micros[i] / s.micros[i]
	}
	return out
}

// speeds measures ours and the peers, interleaved. CPU time is that of the whole process, garbage collection and
// compilers included, so that other work on the machine matters little.
func speeds() ([]speed, error) {
	node, err := startNode()
	if err != nil {
		return nil, err
	}
	defer node.stop()
	generator, err := captcha.New(tutorial.options())
	if err != nil {
		return nil, err
	}
	var image writeCounter
	subjects := []subject{
		{"ours", inProcess(func() (int, error) {
			_, svg := generator.Create()
			return len(svg), nil
		})},
		{"svg-captcha (Node)", node.draw},
		{"dchest/captcha (PNG)", inProcess(func() (int, error) {
			image = 0
			_, err := dchest.NewImage("", dchest.RandomDigits(4), 120, 30).WriteTo(&image)
			return int(image), err
		})},
		{"steambap/captcha (PNG)", inProcess(func() (n int, err error) {
			// Its font library divides by zero at some of the random sizes; such a picture counts as drawn.
			defer func() {
				if recover() != nil {
					n, err = 0, nil
				}
			}()
			c, err := steambap.New(120, 30)
			if err != nil {
				return 0, err
			}
			image = 0
			err = c.WriteImage(&image)
			return int(image), err
		})},
	}

	out := make([]speed, len(subjects))
	counts := make([]int, len(subjects))
	sizes := make([][]int, len(subjects))
	for i, s := range subjects {
		out[i].name = s.name
		const first = 2000 // also enough for a compiler at run time
		cpu, _, err := s.draw(first)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		counts[i] = max(1, int(first*share/max(cpu, 1)))
	}
	for range rounds {
		for i, s := range subjects {
			runtime.GC() // of what others left
			cpu, drawn, err := s.draw(counts[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			out[i].micros = append(out[i].micros, float64(cpu.Nanoseconds())/1000/float64(counts[i]))
			sizes[i] = append(sizes[i], drawn...)
		}
	}
	for i := range out {
		slices.Sort(sizes[i])
		out[i].bytes = sizes[i][len(sizes[i])/2]
	}
	return out, nil
}

// inProcess makes a subject of a function that draws one picture and returns its size.
func inProcess(one func() (int, error)) func(int) (time.Duration, []int, error) {
	return func(n int) (time.Duration, []int, error) {
		sizes := make([]int, n)
		start := measure.SelfCPU()
		for i := range sizes {
			var err error
			if sizes[i], err = one(); err != nil {
				return 0, nil, err
			}
		}
		return measure.SelfCPU() - start, sizes, nil
	}
}

// allocations returns how many a picture of ours takes.
func allocations() (float64, error) {
	generator, err := captcha.New(tutorial.options())
	if err != nil {
		return 0, err
	}
	return testing.AllocsPerRun(1000, func() { generator.Create() }), nil
}

type writeCounter int

func (w *writeCounter) Write(p []byte) (int, error) {
	*w += writeCounter(len(p))
	return len(p), nil
}

// nodePeer is svg-captcha in a node process that lives through all rounds.
type nodePeer struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Reader
}

func startNode() (*nodePeer, error) {
	cmd := exec.Command("node", "peer.js", "speed")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &nodePeer{cmd, in, bufio.NewReader(out)}, cmd.Start()
}

func (p *nodePeer) draw(n int) (time.Duration, []int, error) {
	if _, err := fmt.Fprintln(p.in, n); err != nil {
		return 0, nil, err
	}
	line, err := p.answers.ReadBytes('\n')
	if err != nil {
		return 0, nil, err
	}
	var answer struct {
		Micros int64
		Sizes  []int
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return 0, nil, err
	}
	return time.Duration(answer.Micros) * time.Microsecond, answer.Sizes, nil
}

func (p *nodePeer) stop() {
	p.in.Close()
	p.cmd.Wait()
}
