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
	var name string
	var fruit int
	var towns []string
	var sure bool
	questions := []func() error{
		func() (err error) {
			name, err = p.Input(Question{Label: "Name", Default: "anna", Help: "any name of letters",
				Validate: letters})
			if err == nil {
				p.Say("Hello, " + name)
			}
			return err
		},
		func() (err error) {
			choices := []Choice{{"apple", "red"}, {"pear", "green"}, {"plum", ""}}
			fruit, err = p.Select(Question{Label: "Fruit", Help: "what you eat"}, choices, 1)
			return err
		},
		func() (err error) {
			towns, err = p.List(Question{Label: "Town", More: "Another town", Defaults: []string{"Rome"}})
			return err
		},
		func() (err error) {
			sure, err = p.Confirm(Question{Label: "Sure?"}, true)
			return err
		},
	}
	for i := 0; i < len(questions); {
		switch err := questions[i](); {
		case errors.Is(err, ErrBack):
			i = max(0, i-1)
		case err != nil:
			return "", err
		default:
			i++
		}
	}
	return fmt.Sprint(name, " ", fruit, " ", towns, " ", sure), nil
}

func letters(s string) error {
	if strings.ContainsAny(s, "0123456789") {
		return fmt.Errorf("name %q has digits\nwrite letters", s)
	}
	return nil
}
