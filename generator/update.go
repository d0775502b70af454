package generator

import "context"

// PlanUpdate plans to bring the project in dir to the options that change
// makes of its present ones, and to this generator. The present options are
// those of sessionseed.yaml, else of the last generation. A nil change applies
// a hand-edited sessionseed.yaml. Nothing is written.
//
// The error is a [*Problem] for a project without machine state (Adopt) or with
// an interrupted run (Recover), for options that cannot be read, and
// [Options.Validate]'s. Conflicts and refusals are no error but part of the
// set: see [ChangeSet.Blocked].
func (g *Generator) PlanUpdate(ctx context.Context, dir string, change func(*Options) error, o UpdateOptions) (*ChangeSet, error) {
	panic("not yet")
}

// CurrentOptions reads the options of the project in dir as PlanUpdate sees
// them before any change: sessionseed.yaml over the last generation's.
func (g *Generator) CurrentOptions(dir string) (Options, error) { panic("not yet") }

func (cs *ChangeSet) blocked() error { panic("not yet") }
