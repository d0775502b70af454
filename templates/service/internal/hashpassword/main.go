// Command hashpassword reads a password from standard input and prints its hash for ACCOUNT_PASSWORD_HASH. The password
// is never an argument: those can be seen by every process.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	account "github.com/sessionseed/sessionseed/templates/service/internal/account/env"
)

const (
	minPassword = 15   // characters: NIST SP 800-63B-4, section 3.1.1.2, where it is the only factor
	maxPassword = 4096 // bytes
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
	line, err := bufio.NewReader(io.LimitReader(stdin, maxPassword+int64(len("\r\n"))+1)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read password: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if len(password) > maxPassword {
		return fmt.Errorf("the password has more than %d bytes; choose a shorter one", maxPassword)
	}
	if n := utf8.RuneCountInString(password); n < minPassword {
		return fmt.Errorf("the password has %d characters; choose at least %d, such as a few words", n, minPassword)
	}
	hash, err := account.HashPassword(password)
	if err != nil {
		return err
	}
	// In single quotes, so that neither the shell nor Docker Compose expands the $.
	_, err = fmt.Fprintf(stdout, "ACCOUNT_PASSWORD_HASH='%s'\n", hash)
	return err
}
