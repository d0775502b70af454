//go:build long

package regenerate_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
)

// A go command that cannot work says nothing about the project's code, and a
// fault of the code is one under any settings under which it can work.
func TestGoCommandThatCannotWork(t *testing.T) {
	g := engine()
	for name, env := range map[string][2]string{
		"no such GOROOT":  {"GOROOT", "/nonexistent"},
		"nonsense flag":   {"GOFLAGS", "-nonsense"},
		"no cache":        {"GOCACHE", "relative"},
		"no such go.work": {"GOWORK", "/nonexistent/go.work"},
		"no such modfile": {"GOFLAGS", "-modfile=/nonexistent/go.mod"},
		"no such tool":    {"GOFLAGS", "-toolexec=/nonexistent/tool"},
		"unknown system":  {"GOOS", "plan10"},
		"too old":         {"PATH", "too-old"},
	} {
		t.Run(name, func(t *testing.T) {
			if env[0] == "PATH" {
				bin := t.TempDir()
				write(t, bin, "go",
					"#!/bin/sh\necho 'go: errors parsing go.mod:'\necho 'go: go.mod requires go >= 1.99.0 (running "+
						"go 1.26.0; GOTOOLCHAIN=local)'\nexit 1\n")
				if err := os.Chmod(filepath.Join(bin, "go"), 0o755); err != nil {
					t.Fatal(err)
				}
				env[1] = bin + string(filepath.ListSeparator) + os.Getenv("PATH")
			}
			dir := sample(t, g)
			t.Setenv(env[0], env[1])
			cs := plan(t, g, dir, changeset.Options{}, "key", "other.sid")
			r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{})
			if err != nil || r.Verified || r.Broken != "" || !strings.Contains(r.Unverified, "the go command ") {
				t.Errorf("Apply = %+v, %v", r, err)
			}
		})
	}
	for name, env := range map[string][2]string{
		"modules off":            {"GO111MODULE", "off"},
		"a modfile that is here": {"GOFLAGS", "-modfile=other.mod"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := sample(t, g)
			write(t, dir, "other.mod", read(t, dir, "go.mod"))
			t.Setenv(env[0], env[1])
			cs := plan(t, g, dir, changeset.Options{}, "key", "other.sid")
			if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || !r.Verified {
				t.Fatalf("Apply = %+v, %v", r, err)
			}
			write(t, dir, "mine/mine.go", "package mine\n\nvar x = undefinedName\n")
			cs = plan(t, g, dir, changeset.Options{}, "key", "third.sid")
			var broken *changeset.CompileError
			if _, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); !errors.As(err, &broken) ||
				!strings.Contains(broken.Output, "undefinedName") {
				t.Errorf("Apply of what does not compile: %v, %#v", err, broken)
			}
		})
	}
}
