package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// service is one subject: how to start it, and the process once it runs.
type service struct {
	name    string
	command []string
	dir     string
	env     []string

	addr    string
	process *exec.Cmd
	visits  []*visitor // the connections of the load
}

// start runs the service on a free port, pinned to a processor if pin is not
// empty, and waits until it answers.
func (s *service) start(ctx context.Context, pin []string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	s.addr = "127.0.0.1:" + strconv.Itoa(port)
	argv := append(append([]string{}, pin...), s.command...)
	s.process = exec.CommandContext(ctx, argv[0], argv[1:]...)
	s.process.Dir = s.dir
	s.process.Env = append(os.Environ(), append([]string{"PORT=" + strconv.Itoa(port), "GOMAXPROCS=1", "NODE_ENV=production"}, s.env...)...)
	if err := s.process.Start(); err != nil { // output goes to the null device
		return fmt.Errorf("%s: %w", s.name, err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		answer, err := http.Get("http://" + s.addr + "/untouched")
		if err == nil {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
			err = errors.New(answer.Status)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not answer: %w", s.name, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *service) stop() {
	if s.process != nil && s.process.Process != nil {
		s.process.Process.Kill()
		s.process.Wait()
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// services builds every subject in dir. The emitted ones come first.
func services(ctx context.Context, dir string) ([]*service, error) {
	var all []*service
	for _, e := range []struct {
		name, store string
		sessions    bool
		env         []string
	}{
		{emittedMemory, "memory", true, nil},
		{emittedCookie, "cookie", true, nil},
		{emittedBare, "memory", false, nil},
		{emittedQuiet, "memory", true, []string{"LOG_LEVEL=warn"}},
	} {
		project := filepath.Join(dir, e.store+strconv.FormatBool(e.sessions))
		binary := filepath.Join(project, "service")
		if _, err := os.Stat(binary); err != nil {
			if err := emit(ctx, project, e.store, e.sessions); err != nil {
				return nil, err
			}
			if err := run(ctx, project, "go", "build", "-o", binary, "."); err != nil {
				return nil, err
			}
		}
		all = append(all, &service{name: e.name, command: []string{binary}, dir: project, env: e.env})
	}
	binary := filepath.Join(dir, "plainserver")
	if err := run(ctx, "plainserver", "go", "build", "-o", binary, "."); err != nil {
		return nil, err
	}
	if err := run(ctx, "peers", "npm", "ci"); err != nil {
		return nil, err
	}
	return append(all,
		&service{name: scsMemory, command: []string{binary}},
		&service{name: plainEmitted, command: []string{binary}, env: []string{"STORE=emitted"}},
		&service{name: plainBare, command: []string{binary}, env: []string{"STORE=none"}},
		&service{name: koaDuties, command: []string{"node", "koa.mjs"}, dir: "peers", env: []string{"DUTIES=all"}},
		&service{name: koaMemory, command: []string{"node", "koa.mjs"}, dir: "peers"},
		&service{name: koaCookie, command: []string{"node", "koa.mjs"}, dir: "peers", env: []string{"STORE=cookie"}},
		&service{name: expressMemory, command: []string{"node", "express.mjs"}, dir: "peers"},
	), nil
}

func run(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v in %s: %w\n%s", name, args, dir, err, out)
	}
	return nil
}
