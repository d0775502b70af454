package generator

import "context"

// Drift is what [Generator.Check] found. It is empty for a project in step.
type Drift struct {
	Findings []Finding `json:"findings"`
}

// InStep reports whether nothing was found.
func (d *Drift) InStep() bool { return len(d.Findings) == 0 }

// Finding is one difference between a project and its options.
type Finding struct {
	Code string `json:"code"` // options, tampered, markers, generator, interrupted
	Path string `json:"path,omitempty"`
	Fact string `json:"fact"`
	Hint string `json:"hint"`
}

// Check compares the project in dir with its options and its last generation,
// for CI. It writes nothing and compiles nothing. The error is for a project
// that cannot be read.
func (g *Generator) Check(ctx context.Context, dir string) (*Drift, error) { panic("not yet") }
