package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// generator is one subject. new is run in a directory that the projects of all generators share, the other commands in
// the project. NAME in them stands for the name of the project, which is new in each round.
type generator struct {
	name    string
	version string
	new     []string
	install []string // in the project: what must be there before it can start
	build   []string
	start   []string // nil: what it generates is not a service
	path    string   // of the first request
	note    string
}

const (
	ours        = "sessionseed new"
	goBlueprint = "go-blueprint create"
	gonew       = "gonew"
	express     = "express-generator"
	t3          = "create-t3-app --noInstall"
)

// generators installs the Go programs into dir, and the packages of npm into peers.
func generators(ctx context.Context, dir string) ([]generator, error) {
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return nil, err
	}
	repository, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	peers, err := filepath.Abs("peers")
	if err != nil {
		return nil, err
	}
	for _, c := range []struct {
		dir  string
		argv []string
	}{
		{repository, []string{"go", "build", "-o", filepath.Join(bin, "sessionseed"), "."}},
		{peers, []string{"go", "install", "tool"}},
		{peers, []string{"npm", "ci"}},
	} {
		cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
		cmd.Dir, cmd.Env = c.dir, append(os.Environ(), "GOBIN="+bin)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", strings.Join(c.argv, " "), err, out)
		}
	}
	npm := filepath.Join(peers, "node_modules", ".bin")
	goBuild := []string{"go", "build", "-o", "service"}
	return []generator{
		{name: ours, new: []string{filepath.Join(bin, "sessionseed"), "new", "NAME", "--yes", "--module",
			"example.com/NAME"},
			build: append(goBuild, "."), start: []string{"./service"}, path: "/healthz",
			note: "login, sessions, captcha, CORS, demo, tests"},
		// It opens the terminal even when all answers are flags, hence script. TERM=screen keeps it from waiting ten
		// seconds for the terminal's colors.
		{name: goBlueprint, version: "v0.10.11",
			new: []string{"env", "TERM=screen", "script", "-qec", filepath.Join(bin, "go-blueprint") +
				" create --name NAME --framework standard-library --driver none --git skip", "/dev/null"},
			build: append(goBuild, "./cmd/api"), start: []string{"./service"}, path: "/",
			note: "a hello world; fetches a module"},
		{name: gonew, version: "x/tools v0.52.0", new: []string{filepath.Join(bin, "gonew"),
			"golang.org/x/example/hello@v0.0.0-20250915201037-7f05d217867b", "example.com/NAME", "NAME"},
			note: "copies any module; this one is not a service"},
		{name: express, version: "4.16.1", new: []string{filepath.Join(npm, "express"), "--no-view", "NAME"},
			install: []string{"npm", "install", "--no-audit", "--no-fund"}, start: []string{"node", "bin/www"},
			path: "/", note: "a hello world"},
		{name: t3, version: "7.40.0", new: []string{filepath.Join(npm, "create-t3-app"), "NAME", "--CI", "--noGit",
			"--noInstall", "--appRouter",
			"--tailwind", "false", "--trpc", "false", "--prisma", "false", "--drizzle", "false", "--nextAuth", "false",
			"--eslint", "true", "--dbProvider", "sqlite"},
			note: "without its packages it does not start"},
	}, nil
}

// caches are the places where the go command and npm keep what they have.
type caches struct{ dir string }

func newCaches(dir string) caches { return caches{dir} }

func (c caches) environment(port string) []string {
	return append(os.Environ(), "GOCACHE="+filepath.Join(c.dir, "go-build"),
		"GOMODCACHE="+filepath.Join(c.dir, "go-mod"),
		"npm_config_cache="+filepath.Join(c.dir, "npm"), "GOFLAGS=-modcacherw", "PORT="+port, "CI=true")
}

// measure generates a project below dir and waits for its first answer.
func (g generator) measure(ctx context.Context, dir, name string, c caches) (figure, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return figure{}, err
	}
	project := filepath.Join(dir, name) // stays until the end; see run
	port, err := freePort()
	if err != nil {
		return figure{}, err
	}
	var f figure
	env, began := c.environment(port), time.Now()
	run := func(dir string, argv []string) error {
		cpu, err := execute(ctx, dir, env, name, argv)
		f.allCPU += cpu.Seconds()
		if err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		return nil
	}
	if err := run(dir, g.new); err != nil {
		return figure{}, err
	}
	f.made, f.madeCPU = time.Since(began).Seconds(), f.allCPU
	if f.files, err = count(project); err != nil {
		return figure{}, err
	}
	if g.install != nil {
		if err := run(project, g.install); err != nil {
			return figure{}, err
		}
	}
	f.ready, f.readyCPU = time.Since(began).Seconds(), f.allCPU
	if g.build != nil {
		if err := run(project, g.build); err != nil {
			return figure{}, err
		}
	}
	if g.start != nil {
		if err := firstAnswer(ctx, project, env, g.start, "http://localhost:"+port+g.path); err != nil {
			return figure{}, fmt.Errorf("%s: %w", g.name, err)
		}
		f.answer = time.Since(began).Seconds()
	}
	return f, nil
}

// execute runs a command to its end and returns the CPU time of it and its
// children.
func execute(ctx context.Context, dir string, env []string, name string, argv []string) (time.Duration, error) {
	argv = slices.Clone(argv)
	for i := range argv {
		argv[i] = strings.ReplaceAll(argv[i], "NAME", name)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// firstAnswer starts the service, asks until it answers, and ends it. An answer other than 200 is an error.
func firstAnswer(ctx context.Context, dir string, env, argv []string, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	}()
	for ctx.Err() == nil {
		answer, err := http.Get(url)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
			return errors.New(answer.Status)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return fmt.Errorf("no answer from %s: %w", url, ctx.Err())
}

func count(dir string) (float64, error) {
	n := 0.0
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			n++
		}
		return err
	})
	return n, err
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
