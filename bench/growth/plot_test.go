package main

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPlot(t *testing.T) {
	c := curve{title: "Cost & size", x: "sessions", y: "ns",
		points: []point{{1000, 120}, {10_000, 180}, {1_000_000, 400}}}
	svg := plot(c)
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("plot is not XML: %v", err)
		}
	}
	for _, want := range []string{"Cost &amp; size", ">sessions<", ">ns<", ">1 000 000<", ">400<",
		"prefers-color-scheme: dark"} {
		if !strings.Contains(svg, want) {
			t.Errorf("plot lacks %q", want)
		}
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 3.25: "3.2", 42: "42", 999.6: "1000", 12_345: "12 345",
		1_000_000: "1 000 000"} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %q, want %q", v, got, want)
		}
	}
}

func TestNiceStep(t *testing.T) {
	for _, most := range []float64{0.3, 1, 7.5, 42, 99, 180, 5000, 123456} {
		if n := most / niceStep(most); n < 1.9 || n > 7.1 {
			t.Errorf("niceStep(%v) = %v: %v lines", most, niceStep(most), n)
		}
	}
}

// TestLongest: a long read counts if such reads take a part of the time, and not if there was one.
func TestLongest(t *testing.T) {
	reads := slices.Repeat([]time.Duration{time.Millisecond}, 1000)
	if got := longest(append(reads, 50*time.Millisecond)); got != time.Millisecond {
		t.Errorf("longest = %v with one long read, want 1ms", got)
	}
	if got := longest(append(reads, 200*time.Millisecond, 200*time.Millisecond)); got != 200*time.Millisecond {
		t.Errorf("longest = %v with two that take a quarter of the time, want 200ms", got)
	}
}
