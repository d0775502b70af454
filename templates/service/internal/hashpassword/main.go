// Command hashpassword reads a password from standard input and prints its hash for ACCOUNT_PASSWORD_HASH. The password
// is never an argument: those can be seen by every process.
package main

import (
	"fmt"
	"io"
	"os"

	account "github.com/sessionseed/sessionseed/templates/service/internal/account/env"
)

func main() {
	if len(os.Args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: hashpassword; it reads the password from standard input")
		os.Exit(2)
	}
	fmt.Fprint(os.Stderr, "Password (shown while you type): ")
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(stdin io.Reader, stdout io.Writer) error {
	password, err := account.ReadPassword(stdin)
	if err != nil {
		return err
	}
	hash, err := account.HashPassword(password)
	if err != nil {
		return err
	}
	// In single quotes, so that neither the shell nor Docker Compose expands the $.
	_, err = fmt.Fprintf(stdout, "ACCOUNT_PASSWORD_HASH='%s'\n", hash)
	return err
}
