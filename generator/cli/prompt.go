package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/core"
)

// surveyPrompter asks on a terminal with github.com/AlecAivazis/survey, which
// no other file imports. survey never touches the terminal itself: it reads and
// draws through a console, which repairs its handling of keys.
type surveyPrompter struct {
	console *console
}

// newSurveyPrompter takes hold of the terminal until Close.
func newSurveyPrompter(ctx context.Context, in, out *os.File, color bool) (*surveyPrompter, error) {
	c, err := openConsole(ctx, in, out)
	if err != nil {
		return nil, err
	}
	// Both are survey's only way to be told. The process has one prompter.
	core.DisableColor = !color
	survey.ErrorTemplate = `{{color .Icon.Format}}{{.Icon.Text}} {{.Error.Error}}{{color "reset"}}
`
	return &surveyPrompter{console: c}, nil
}

func (p *surveyPrompter) ask(prompt survey.Prompt, answer any, check func(any) error) error {
	err := survey.AskOne(prompt, answer,
		survey.WithStdio(p.console, p.console, p.console),
		survey.WithPageSize(8),
		survey.WithShowCursor(false),
		func(o *survey.AskOptions) error {
			if check != nil {
				o.Validators = append(o.Validators, check)
			}
			return nil
		})
	if p.console.cancelled {
		p.Say("")
		return ErrCancelled
	}
	return err
}

func (p *surveyPrompter) Input(q Question) (string, error) {
	var answer string
	err := p.ask(&survey.Input{Message: q.Label, Default: q.Default, Help: q.Help}, &answer, func(v any) error {
		text, _ := v.(string)
		return q.check(strings.TrimSpace(text))
	})
	return strings.TrimSpace(answer), err
}

func (p *surveyPrompter) Select(q Question, choices []Choice, preset int) (int, error) {
	labels := make([]string, len(choices))
	for i, c := range choices {
		labels[i] = c.Label
	}
	// Answering into an int keeps two equal labels apart and needs no search.
	var answer int
	err := p.ask(&survey.Select{
		Message: q.Label, Options: labels, Default: preset, Help: q.Help,
		Description: func(_ string, i int) string { return choices[i].Note },
	}, &answer, nil)
	return answer, err
}

func (p *surveyPrompter) Confirm(q Question, preset bool) (bool, error) {
	answer := preset
	err := p.ask(&survey.Confirm{Message: q.Label, Default: preset, Help: q.Help}, &answer, nil)
	return answer, err
}

func (p *surveyPrompter) List(q Question) ([]string, error) { return askList(q, p.Input) }

func (p *surveyPrompter) Say(text string) { fmt.Fprintln(p.console, text) }

func (p *surveyPrompter) Close() error { return p.console.close() }
