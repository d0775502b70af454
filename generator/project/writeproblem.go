package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// WriteProblem puts what the system said, of something that left the project as it
// was, into a sentence with a remedy.
func WriteProblem(err error) error {
	var said *problem.Problem
	if errors.As(err, &said) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	what, remedy := writeFault(err)
	if errors.Is(err, syscall.EROFS) {
		remedy += ", or work on a copy,"
	}
	return problem.New(what+"; the project is as it was", remedy+" and run the command again")
}

// halfWritten is the problem of a run that could neither be finished nor rolled back.
func halfWritten(err error, creation bool) error {
	what, remedy := writeFault(err)
	next := "run sessionseed regenerate, which finishes the run or rolls it back"
	if creation {
		next = "run the command again"
	}
	return problem.New(what+", and what was written could not be taken back: the project is half written",
		remedy+" and "+next)
}

func writeFault(err error) (what, remedy string) {
	if errors.Is(err, syscall.ENOSPC) {
		return "the disk is full", "make room"
	}
	what = err.Error()
	var link *os.LinkError
	var path *fs.PathError
	switch {
	case errors.As(err, &link):
		what = fmt.Sprintf("%s: %v", filepath.ToSlash(link.New), link.Err)
	case errors.As(err, &path):
		what = fmt.Sprintf("%s: %v", filepath.ToSlash(path.Path), path.Err)
	}
	remedy = "check the permissions"
	switch {
	case errors.Is(err, fs.ErrPermission):
		remedy = "make the directory writable for you (chmod u+w, by its owner)"
	case errors.Is(err, syscall.EROFS):
		remedy = "make the file system writable"
	}
	return "cannot write " + what, remedy
}
