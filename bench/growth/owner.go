package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/templates"
	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// ownerCurves plans a change of one option in projects with more and more Go files
// of their owner.
func ownerCurves(rounds int) ([]curve, error) {
	dir, err := os.MkdirTemp("", "bench-growth-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	g := &render.Generator{Templates: templates.FS(), Version: "bench"}
	sizes := []int{10, 30, 100, 300, 1000}
	for _, n := range sizes {
		if err := write(g, filepath.Join(dir, fmt.Sprint(n)), n); err != nil {
			return nil, err
		}
	}
	costs := make([][]float64, len(sizes))
	err = measure.Interleave(rounds, len(sizes), func(_, i int) error {
		cpu := measure.SelfCPU()
		set, err := regenerate.Plan(context.Background(), g, filepath.Join(dir, fmt.Sprint(sizes[i])),
			func(o *options.Options) error {
				o.Rolling = true
				return nil
			}, changeset.Options{})
		costs[i] = append(costs[i], float64(measure.SelfCPU()-cpu)/float64(time.Millisecond))
		if err == nil && len(set.Options) != 1 {
			err = fmt.Errorf("%d files: the plan changes %d options", sizes[i], len(set.Options))
		}
		return err
	})
	c := curve{"regenerate.svg", "Regenerate: planning with files of the owner", "files of the owner", "ms CPU", nil,
		"planning with 1000 files of the owner costs at most 3 times that with 10", flat(3)}
	for i, n := range sizes {
		c.points = append(c.points, point{float64(n), measure.Median(costs[i])})
	}
	return []curve{c}, err
}

// write generates into dir and adds n files of some seventy lines.
func write(g *render.Generator, dir string, n int) error {
	o := options.Defaults()
	o.Module = "example.com/project"
	tree, err := g.Render(o, render.Secrets{SessionKey: strings.Repeat("A", 43)})
	if err != nil {
		return err
	}
	if _, err := state.Create(context.Background(), dir,
		state.Creation{Tree: tree, Options: o, Version: g.Version, Generated: g.Owned()}); err != nil {
		return err
	}
	var b strings.Builder
	for i := range 10 {
		fmt.Fprintf(&b, "\nfunc step%d(n int) int {\n\tif n > %d {\n\t\treturn n\n\t}\n\treturn step%d(n + 1)\n}\n", i,
			i, (i+1)%10)
	}
	for i := range n {
		own := filepath.Join(dir, "internal", fmt.Sprintf("own%d", i/20))
		if err := os.MkdirAll(own, 0o755); err != nil {
			return err
		}
		text := strings.ReplaceAll(fmt.Sprintf("package own%d\n%s", i/20, b.String()), "step",
			fmt.Sprintf("file%dstep", i))
		if err := os.WriteFile(filepath.Join(own, fmt.Sprintf("file%d.go", i)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
