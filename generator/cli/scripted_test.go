package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
)

// scripted answers questions from a list, in order, and keeps what it was
// asked and said. An answer is the text that a person would type; that of a
// Select is the choice's label, that of a Confirm yes or no. Texts are validated
// as on a terminal: a refused one is noted and the next one is taken for the same
// question.
type scripted struct {
	t       *testing.T
	answers []string // "label=answer"; the label must be the one that is asked
	asked   []string // labels
	said    []string // Say, and refusals
}

func (p *scripted) next(label string) (string, error) {
	p.asked = append(p.asked, label)
	if len(p.answers) == 0 {
		return "", ask.ErrCancelled
	}
	want, answer, _ := strings.Cut(p.answers[0], "=")
	if want != label {
		p.t.Errorf("question %q, want %q", label, want)
		return "", ask.ErrCancelled
	}
	p.answers = p.answers[1:]
	if answer == "<" {
		return "", ask.ErrBack
	}
	return answer, nil
}

func (p *scripted) Input(q ask.Question) (string, error) {
	for {
		answer, err := p.next(q.Label)
		if err != nil {
			return "", err
		}
		if answer == "" {
			answer = q.Default
		}
		if err := q.Check(answer); err != nil {
			p.Say(err.Error())
			continue
		}
		return answer, nil
	}
}

func (p *scripted) Select(q ask.Question, choices []ask.Choice, preset int) (int, error) {
	answer, err := p.next(q.Label)
	if err != nil || answer == "" {
		return preset, err
	}
	i := slices.IndexFunc(choices, func(c ask.Choice) bool { return c.Label == answer })
	if i < 0 {
		return 0, fmt.Errorf("%q has no choice %q", q.Label, answer)
	}
	return i, nil
}

func (p *scripted) Confirm(q ask.Question, preset bool) (bool, error) {
	answer, err := p.next(q.Label)
	if err != nil || answer == "" {
		return preset, err
	}
	return answer == "yes", nil
}

func (p *scripted) List(q ask.Question) ([]string, error) { return ask.List(q, p.Input) }
func (p *scripted) Width() int                            { return 80 }
func (p *scripted) Close() error                          { return nil }

// Say notes after which question something was said.
func (p *scripted) Say(text string) {
	last := ""
	if len(p.asked) > 0 {
		last = p.asked[len(p.asked)-1]
	}
	p.said = append(p.said, "after "+last+": "+text)
}
