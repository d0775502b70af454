// Package service runs the services that are measured over HTTP, an emitted one
// among them, and puts load on them.
package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// Service is one subject: how to start it, and the process once it runs.
type Service struct {
	Name    string
	Command []string
	Dir     string
	Env     []string

	Addr     string
	process  *exec.Cmd
	visitors []*visitor
}

// Start runs the service on a free port, pinned to a processor if pin is not
// empty, waits until it answers, and opens a session for each visitor.
func (s *Service) Start(ctx context.Context, pin []string, visitors int) error {
	if err := s.start(ctx, pin); err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	for range visitors {
		v, err := visit(s.Addr)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		s.visitors = append(s.visitors, v)
	}
	return nil
}

func (s *Service) start(ctx context.Context, pin []string) error {
	port, err := FreePort()
	if err != nil {
		return err
	}
	s.Addr = "127.0.0.1:" + port
	argv := slices.Concat(pin, s.Command)
	s.process = exec.CommandContext(ctx, argv[0], argv[1:]...)
	s.process.Dir = s.Dir
	s.process.Env = slices.Concat(os.Environ(), []string{"PORT=" + port, "GOMAXPROCS=1", "NODE_ENV=production"}, s.Env)
	if err := s.process.Start(); err != nil { // output goes to the null device
		return err
	}
	deadline := time.Now().Add(time.Minute)
	for {
		answer, err := http.Get("http://" + s.Addr + "/untouched")
		if err == nil {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
			err = errors.New(answer.Status)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("no answer: %w", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Stop kills the service.
func (s *Service) Stop() {
	if s.process != nil && s.process.Process != nil {
		s.process.Process.Kill()
		s.process.Wait()
	}
}

// Figure is what one round of one route gave: requests a second, and the rest in
// microseconds, CPU for each request.
type Figure struct{ PerSecond, CPU, P50, P99 float64 }

// Measure has that many visitors together ask n times, or until the limit has
// passed.
func (s *Service) Measure(r Route, visitors, n int, limit time.Duration) (Figure, error) {
	f, err := s.measure(r, visitors, n, limit)
	if err != nil {
		return Figure{}, fmt.Errorf("%s: %w", s.Name, err)
	}
	return f, nil
}

func (s *Service) measure(r Route, visitors, n int, limit time.Duration) (Figure, error) {
	pid := s.process.Process.Pid
	before, err := measure.ProcessCPU(pid)
	if err != nil {
		return Figure{}, err
	}
	start := time.Now()
	took, err := load(s.visitors[:visitors], r, limit, n)
	if err != nil {
		return Figure{}, err
	}
	elapsed := time.Since(start)
	after, err := measure.ProcessCPU(pid)
	if err != nil {
		return Figure{}, err
	}
	slices.Sort(took)
	n = len(took)
	micros := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	return Figure{
		PerSecond: float64(n) / elapsed.Seconds(),
		CPU:       micros(after-before) / float64(n),
		P50:       micros(took[n/2]),
		P99:       micros(took[n*99/100]),
	}, nil
}

// Memory is the resident memory of the service in bytes, now and at its peak.
func (s *Service) Memory() (now, peak int64, err error) {
	return measure.Resident(s.process.Process.Pid)
}

// Ratio is the median of a's figures divided by b's, round by round: what the
// machine did meanwhile cancels out.
func Ratio(a, b []Figure, of func(Figure) float64) float64 {
	var ratios []float64
	for i := range a {
		ratios = append(ratios, of(a[i])/of(b[i]))
	}
	return measure.Median(ratios)
}

// PerSecond, CPU and P50 are each one property of a figure.
func PerSecond(f Figure) float64 { return f.PerSecond }
func CPU(f Figure) float64       { return f.CPU }
func P50(f Figure) float64       { return f.P50 }

// Pin keeps this process, and what it starts, to all processors but the first,
// and returns the command that keeps a service to the first. Without taskset, or
// with one processor, nothing is kept apart.
func Pin() []string {
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

// FreePort is a port of 127.0.0.1 that nobody listens on.
func FreePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// Run runs a command to its end, and shows its output if it fails.
func Run(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v in %s: %w\n%s", name, args, dir, err, out)
	}
	return nil
}

// Versions names node, and the packages and modules with their versions. peers
// is the directory where npm has installed the packages.
func Versions(peers string, packages, modules []string) (string, error) {
	node, err := exec.Command("node", "--version").Output()
	if err != nil {
		return "", err
	}
	names := []string{"node " + strings.TrimSpace(string(node))}
	for _, name := range packages {
		data, err := os.ReadFile(filepath.Join(peers, "node_modules", name, "package.json"))
		if err != nil {
			return "", err
		}
		var p struct{ Version string }
		if err := json.Unmarshal(data, &p); err != nil {
			return "", err
		}
		names = append(names, name+" "+p.Version)
	}
	list, err := exec.Command("go", append([]string{"list", "-m"}, modules...)...).Output()
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(list)) {
		names = append(names, strings.TrimPrefix(strings.TrimSpace(line), "github.com/"))
	}
	return strings.Join(names, ", "), nil
}
