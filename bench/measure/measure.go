// Package measure holds what the parts of the benchmark share: rounds in which
// the subjects take turns, CPU time of processes, medians, and the Markdown of a
// part's RESULTS.md.
package measure

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// MinRounds is the fewest rounds that a median is taken of.
const MinRounds = 6

// Interleave runs each of n subjects once a round, each round beginning with
// another, so that a machine which is busy with something else slows all of them
// alike. It stops at the first error.
func Interleave(rounds, n int, run func(round, subject int) error) error {
	for round := range rounds {
		for i := range n {
			if err := run(round, (round+i)%n); err != nil {
				return err
			}
		}
	}
	return nil
}

// Median of the values, which stay as they are. It is 0 for none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// MedianOf is the median of one property of the figures.
func MedianOf[F any](figures []F, of func(F) float64) float64 {
	var values []float64
	for _, f := range figures {
		values = append(values, of(f))
	}
	return Median(values)
}

// SelfCPU is the CPU time that this process has used, user and system.
func SelfCPU() time.Duration { return rusage(syscall.RUSAGE_SELF) }

// ChildrenCPU is that of the child processes which were waited for, with
// theirs.
func ChildrenCPU() time.Duration { return rusage(syscall.RUSAGE_CHILDREN) }

func rusage(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		panic(err) // never fails for these two
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// ProcessCPU is the CPU time that a running process has used in those of its
// threads that still run, which for the runtimes of Go and node are nearly all
// (Linux, /proc/PID/task/*/schedstat; nanoseconds, where /proc/PID/stat counts
// in ticks of 10 ms).
func ProcessCPU(pid int) (time.Duration, error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(tasks) == 0 {
		return 0, fmt.Errorf("process %d has no /proc/%d/task/*/schedstat", pid, pid)
	}
	var sum int64
	for _, task := range tasks {
		data, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended since
		}
		onCPU, _, _ := strings.Cut(string(data), " ")
		n, err := strconv.ParseInt(onCPU, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read %s: %w", task, err)
		}
		sum += n
	}
	return time.Duration(sum), nil
}

// Resident is the resident memory of a process in bytes, now and at its peak.
func Resident(pid int) (now, peak int64, err error) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(line, ":")
		kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		switch name {
		case "VmRSS":
			now = kib << 10
		case "VmHWM":
			peak = kib << 10
		}
	}
	if now == 0 {
		return 0, 0, fmt.Errorf("no VmRSS in /proc/%d/status", pid)
	}
	return now, peak, nil
}

// Machine names what the figures were taken on.
func Machine() string {
	model := "unknown processor"
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s on %s/%s, %d CPUs (%s)", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		model)
}
