// Command createuser makes an account whose address needs no confirmation, such as the first one. The password is
// typed, or one line of standard input; it is never an argument, which every process can see. The settings are those of
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
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: createuser EMAIL")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Stdin, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, email string, stdin io.Reader, stderr io.Writer) (err error) {
	sessions, err := web.Open(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sessions.Close()) }()
	password, err := account.ReadPassword(stdin, stderr)
	if err != nil {
		return fmt.Errorf("read password: %w", err)
	}
	if err := sessions.CreateUser(ctx, email, password); err != nil {
		return err
	}
	fmt.Fprintln(stderr, "created", email)
	return nil
}
