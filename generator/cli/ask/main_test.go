package ask

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain puts the test binary into PATH as a questionnaire that has one
// question of each kind.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"questionnaire": questionnaire})
}

// questionnaire asks one question of each kind and prints the answers.
func questionnaire() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	p, err := New(ctx, os.Stdin, os.Stderr, Options{Color: true, Lines: os.Getenv("TERM") == "dumb"})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	answers, err := fill(p)
	p.Close()
	switch {
	case errors.Is(err, ErrCancelled):
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("answers: " + answers)
}

func fill(p Prompter) (string, error) {
	name, err := p.Input(
		Question{Label: "Name", Default: "anna", Help: "any name of letters", Validate: func(s string) error {
			if strings.ContainsAny(s, "0123456789") {
				return fmt.Errorf("name %q has digits\nwrite letters", s)
			}
			return nil
		}},
	)
	if err != nil {
		return "", err
	}
	p.Say("Hello, " + name)
	fruit, err := p.Select(Question{Label: "Fruit"}, []Choice{{"apple", "red"}, {"pear", "green"}, {"plum", ""}}, 1)
	if err != nil {
		return "", err
	}
	towns, err := p.List(Question{Label: "Town", More: "Another town", Defaults: []string{"Rome"}})
	if err != nil {
		return "", err
	}
	sure, err := p.Confirm(Question{Label: "Sure?"}, true)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(name, " ", fruit, " ", towns, " ", sure), nil
}
