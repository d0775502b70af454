package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain puts the test binary into PATH as two commands: the program under
// test, and a questionnaire that has one prompt of each kind.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"questionnaire": questionnaire,
		"sessionseed": func() {
			os.Exit(Main(Process{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ()}))
		},
	})
}

// questionnaire asks one question of each kind and prints the answers.
func questionnaire() {
	s := streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv}
	ctx, stop := cancelOnSignal(context.Background())
	defer stop()
	p, err := s.prompter(ctx, common{})
	if err != nil {
		fmt.Println(err)
		os.Exit(exitError)
	}
	answers, err := ask(p)
	p.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitCode(err))
	}
	fmt.Println("answers: " + answers)
}

func ask(p Prompter) (string, error) {
	name, err := p.Input(Question{Label: "Name", Default: "anna", Help: "any name of letters", Validate: func(s string) error {
		if strings.ContainsAny(s, "0123456789") {
			return fmt.Errorf("name %q has digits\nwrite letters", s)
		}
		return nil
	}})
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

// entries are the names in a directory.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}
