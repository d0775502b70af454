// Command createuser makes an account whose address needs no confirmation, such as the first one. The password is
// typed, or one line of standard input; it never is an argument, which every process can see. The settings are those of
// the service, from the environment and from .env in the working directory.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sessionseed/sessionseed/templates/service/internal/account"
	"github.com/sessionseed/sessionseed/templates/service/internal/web"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdin, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) (err error) {
	if len(args) != 1 {
		return errors.New("usage: createuser EMAIL")
	}
	sessions, err := web.Open(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sessions.Close()) }()
	password, err := account.ReadPassword(stdin, stderr)
	if err != nil {
		return fmt.Errorf("read password: %w", err)
	}
	if err := sessions.CreateUser(ctx, args[0], password); err != nil {
		return err
	}
	fmt.Fprintln(stderr, "created", args[0])
	return nil
}
