package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sessionseed/sessionseed/templates/service/internal/web"
)

// minPassword is the fewest characters of a password (NIST SP 800-63B-4, section
// 3.1.1.2, asks for 15 where it is the only factor).
const minPassword = 15

// hashPassword reads one line and prints its hash for ACCOUNT_PASSWORD_HASH. The
// password never is an argument: those can be seen by every process.
func hashPassword(stdin io.Reader, stdout, stderr io.Writer) error {
	if f, ok := stdin.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			fmt.Fprint(stderr, "password (it is shown while you type): ")
		}
	}
	line, err := bufio.NewReader(io.LimitReader(stdin, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read password: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if n := len([]rune(password)); n < minPassword {
		return fmt.Errorf("the password has %d characters; choose at least %d, such as a few words", n, minPassword)
	}
	if strings.TrimSpace(password) != password {
		return errors.New("the password begins or ends with a space, which is easily lost; leave it out")
	}
	hash, err := web.HashPassword(password)
	if err != nil {
		return err
	}
	// In single quotes, so that neither the shell nor Docker Compose expands the $.
	_, err = fmt.Fprintf(stdout, "ACCOUNT_PASSWORD_HASH='%s'\n", hash)
	return err
}
