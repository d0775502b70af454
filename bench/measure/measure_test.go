package measure

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0}, {[]float64{7}, 7}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := Median(test.values); got != test.want {
			t.Errorf("Median(%v) = %v, want %v", test.values, got, test.want)
		}
	}
}

func TestInterleave(t *testing.T) {
	var order []int
	if err := Interleave(3, 3, func(_, subject int) error { order = append(order, subject); return nil }); err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 1, 2, 1, 2, 0, 2, 0, 1}; !slices.Equal(order, want) {
		t.Errorf("order = %v, want %v", order, want)
	}
}

// TestProcessCPU: the figure is of the right size, and of the process that was
// named.
func TestProcessCPU(t *testing.T) {
	before, err := ProcessCPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	start, self := time.Now(), SelfCPU()
	for SelfCPU()-self < 200*time.Millisecond && time.Since(start) < time.Minute {
	}
	after, err := ProcessCPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if used := after - before; used < 150*time.Millisecond || used > 400*time.Millisecond {
		t.Errorf("ProcessCPU after 200 ms of work = %v more", used)
	}
	idle := exec.Command("sleep", "60")
	if err := idle.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { idle.Process.Kill(); idle.Wait() }()
	if used, err := ProcessCPU(idle.Process.Pid); err != nil || used > 100*time.Millisecond {
		t.Errorf("ProcessCPU of a sleeping process = %v, %v", used, err)
	}
	if now, peak, err := Resident(os.Getpid()); err != nil || now < 1<<20 || peak < now {
		t.Errorf("Resident = %d, %d, %v", now, peak, err)
	}
}

func TestReport(t *testing.T) {
	var r Report
	r.Table([]string{"who", "ns:"}, [][]string{{"we", "1"}})
	r.Aims([]Aim{{"fast", "2x", true}, {"small", "3 MB", false}})
	for _, want := range []string{"| who | ns |\n| --- | --: |\n| we | 1 |", AimsHead, "| fast | 2x | met |",
		"| small | 3 MB | NOT met |"} {
		if !strings.Contains(r.String(), want) {
			t.Errorf("report lacks %q:\n%s", want, r.String())
		}
	}
}
