// Command service logs users in from a browser, and keeps their sessions.
//
//	go run .           serve; settings come from the environment and from .env
//	go run . COMMAND   run a command; "go run . help" lists them
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	account "github.com/sessionseed/sessionseed/templates/service/internal/account/env"
	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	store "github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
	"github.com/sessionseed/sessionseed/templates/service/internal/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// commands are what the program does besides serving, by name. Their own files add them here.
var commands = map[string]command{}

type command struct {
	args []string // what the usage calls them; all are needed
	run  func(ctx context.Context, c call) error
}

// call is the arguments, input and output of a command.
type call struct {
	args           []string
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// execute runs what the arguments ask for and returns the exit code: 0, 1 after an error, 2 for wrong usage.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	do, c := command{run: run}, call{stdin: stdin, stdout: stdout, stderr: stderr}
	if len(args) > 0 {
		do, c.args = commands[args[0]], args[1:]
	}
	if do.run == nil || len(c.args) != len(do.args) {
		fmt.Fprintln(stderr, "usage: service [COMMAND]")
		for _, name := range slices.Sorted(maps.Keys(commands)) {
			fmt.Fprintln(stderr, " ", strings.Join(append([]string{name}, commands[name].args...), " "))
		}
		return 2
	}
	var err error
	if c.getenv, err = config.Dotenv(".env", os.Getenv); err == nil {
		err = do.run(ctx, c)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// run opens what the settings name and serves until ctx ends.
func run(ctx context.Context, c call) (err error) {
	cfg, cfgErr := config.Load(c.getenv)
	accounts, accountErr := account.New(cfg, c.getenv)
	if err := errors.Join(cfgErr, accountErr); err != nil {
		return fmt.Errorf("invalid settings:\n%w", err)
	}
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	log := slog.New(slog.NewJSONHandler(c.stderr, options))
	if cfg.Dev && isTerminal(c.stderr) {
		log = slog.New(slog.NewTextHandler(c.stderr, options))
	}
	slog.SetDefault(log) // for packages that get no logger
	sessions, err := store.Open(ctx, cfg.StoreURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sessions.Close()) }()
	if err := accounts.Open(ctx, log); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, accounts.Close()) }()
	handler, err := web.New(cfg, sessions, accounts, log)
	if err != nil {
		return err
	}
	defer sweepEvery(ctx, sweepInterval, sessions, log)()

	listeners, err := listen(cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w; put another port into PUBLIC_URL or, behind a proxy, into PORT or ADDR", err)
	}
	announce(log, cfg, listeners[0].Addr())
	return serve(ctx, listeners, handler, cfg.Drain, log)
}
