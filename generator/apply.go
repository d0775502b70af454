package generator

import (
	"context"
	"errors"
)

// ApplyOptions tune [Generator.Apply].
type ApplyOptions struct {
	// NoVerify applies without compiling first. The result then says what
	// would not have compiled.
	NoVerify bool

	step func(name string) error // called before each step that changes the disk; tests stop there
}

// Result is what a run did.
type Result struct {
	// Written, Deleted count files of the project, machine state left out.
	Written int `json:"written"`
	Deleted int `json:"deleted"`
	// Verified says that the merged tree compiled and passed go vet. If it is
	// false, Unverified is the reason in one sentence, and Broken what the
	// compiler said, where it was asked.
	Verified   bool   `json:"verified"`
	Unverified string `json:"unverified,omitempty"`
	Broken     string `json:"broken,omitempty"`
}

// ErrBusy means that another run works on the project.
var ErrBusy = errors.New("another sessionseed works on this project")

// CompileError means that the merged tree does not compile, or that go vet
// finds fault with it, and that nothing was written.
type CompileError struct {
	Output string // of the go command, with paths inside the project
}

func (e *CompileError) Error() string {
	return "the merged project does not compile, so nothing was written"
}

// Apply writes a planned run: it stages the new files inside the project's
// .sessionseed directory, compiles and vets the project as it would become,
// with the owner's files, and then renames file by file with a journal.
// Nothing is written on an error. Killed at any moment, the project is
// finished or rolled back by [Recover].
//
// The error is a [*Problem] for a set that is blocked, for a file that changed
// since the plan, that is read-only, for a full disk; [ErrBusy]; or a
// [*CompileError].
func (g *Generator) Apply(ctx context.Context, cs *ChangeSet, o ApplyOptions) (*Result, error) {
	panic("not yet")
}

// Recover finishes or rolls back a run on the project in dir that was killed.
// It returns one sentence saying which, and the empty string if there was
// nothing to do. [Generator.PlanUpdate] refuses a project that needs it.
func Recover(dir string) (string, error) { panic("not yet") }

// Undo restores the project in dir, byte for byte, to what it was before the
// last applied run, files of that run that the owner has changed since
// excepted: then nothing is restored, and the [*Problem] names them.
func Undo(dir string) error { panic("not yet") }
