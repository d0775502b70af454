package main

import (
	"context"
	"fmt"

	account "github.com/sessionseed/sessionseed/templates/service/internal/account/env"
)

func init() { commands["hash-password"] = command{run: hashPassword} }

// hashPassword reads one line and prints its hash for ACCOUNT_PASSWORD_HASH. The password is never an argument:
// those can be seen by every process.
func hashPassword(_ context.Context, c call) error {
	if isTerminal(c.stdin) {
		fmt.Fprint(c.stderr, "password (it is shown while you type): ")
	}
	password, err := account.ReadPassword(c.stdin)
	if err != nil {
		return err
	}
	hash, err := account.HashPassword(password)
	if err != nil {
		return err
	}
	// In single quotes, so that neither the shell nor Docker Compose expands the $.
	_, err = fmt.Fprintf(c.stdout, "ACCOUNT_PASSWORD_HASH='%s'\n", hash)
	return err
}
