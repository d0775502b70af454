package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sessionseed/sessionseed/templates/service/internal/account"
	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

func init() {
	commands["create-user"] = command{[]string{"EMAIL"}, createUser}
	commands["migrate"] = command{run: migrate}
}

// openAccounts opens the database that the settings name.
func openAccounts(ctx context.Context, c call) (*account.Accounts, error) {
	cfg, err := config.Load(c.getenv)
	accounts, accountErr := account.New(cfg, c.getenv)
	if err := errors.Join(err, accountErr); err != nil {
		return nil, fmt.Errorf("invalid settings:\n%w", err)
	}
	return accounts, accounts.OpenDatabase(ctx)
}

// migrate brings the tables of the accounts to what this program needs. The service does so itself when it starts.
func migrate(ctx context.Context, c call) (err error) {
	accounts, err := openAccounts(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, accounts.Close()) }()
	made, err := accounts.Migrate(ctx)
	if err != nil {
		return err
	}
	for _, step := range made {
		fmt.Fprintln(c.stdout, step)
	}
	fmt.Fprintln(c.stderr, "migrations applied:", len(made))
	return nil
}

// createUser makes an account whose address needs no confirmation. The password is typed, or one line of standard
// input; it is never an argument, which every process can see.
func createUser(ctx context.Context, c call) (err error) {
	password, err := account.ReadPassword(c.stdin, c.stderr)
	if err != nil {
		return fmt.Errorf("read password: %w", err)
	}
	accounts, err := openAccounts(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, accounts.Close()) }()
	if _, err := accounts.Migrate(ctx); err != nil {
		return err
	}
	if err := accounts.Create(ctx, c.args[0], password); err != nil {
		return err
	}
	fmt.Fprintln(c.stderr, "created", c.args[0])
	return nil
}
