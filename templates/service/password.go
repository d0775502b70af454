package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	account "github.com/sessionseed/sessionseed/templates/service/internal/account/env"
)

func init() { commands["hash-password"] = command{run: hashPassword} }

const (
	minPassword = 15   // characters: NIST SP 800-63B-4, section 3.1.1.2, where it is the only factor
	maxPassword = 4096 // bytes
)

// hashPassword reads one line and prints its hash for ACCOUNT_PASSWORD_HASH. The password is never an argument:
// those can be seen by every process.
func hashPassword(_ context.Context, c call) error {
	if isTerminal(c.stdin) {
		fmt.Fprint(c.stderr, "password (it is shown while you type): ")
	}
	line, err := bufio.NewReader(io.LimitReader(c.stdin, maxPassword+int64(len("\r\n"))+1)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read password: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if err := checkPassword(password); err != nil {
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

// checkPassword refuses what is weak, and what a login form, which sends UTF-8, could not repeat.
func checkPassword(password string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case len(password) > maxPassword:
		return fmt.Errorf("the password has more than %d bytes; choose a shorter one", maxPassword)
	case !utf8.ValidString(password):
		return errors.New("the password is not UTF-8, so no login could match it; set the terminal or file to UTF-8")
	case strings.HasPrefix(password, "\ufeff"), strings.ContainsFunc(password, unicode.IsControl):
		return errors.New("the password has a control character or a byte order mark, which nobody can type; " +
			"save a file as UTF-8, without the mark")
	case n < minPassword:
		return fmt.Errorf("the password has %d characters; choose at least %d, such as a few words", n, minPassword)
	case strings.TrimSpace(password) != password:
		return errors.New("the password begins or ends with a space, which is easily lost; leave it out")
	}
	return nil
}
