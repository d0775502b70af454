package ask

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/core"
	surveyterm "github.com/AlecAivazis/survey/v2/terminal"
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
	err := p.ask(
		&line{survey.Input{Message: q.Label, Default: q.Default, Help: q.Help}, p.console},
		&answer,
		func(v any) error {
			text, _ := v.(string)
			return q.Check(strings.TrimSpace(text))
		},
	)
	return strings.TrimSpace(answer), err
}

// line is a survey.Input that erases the lines it took, and no more. survey
// stands on the last line of the question when it draws the answer in its
// place, and goes up from there by the lines of question and answer together:
// an answer that wraps would take the answers above off the screen.
type line struct {
	survey.Input
	console *console
}

func (l *line) Prompt(config *survey.PromptConfig) (any, error) {
	l.console.watch(l.Message)
	answer, err := l.Input.Prompt(config)
	text, _ := answer.(string)
	if asked, ok := l.console.asked(); ok && err == nil {
		// Down to where survey takes the cursor to be.
		cols, _ := l.console.size()
		added := wraps(asked+text, cols) - wraps(asked, cols)
		if surveyterm.StringWidth(asked+text)%cols == 0 {
			added++ // a full line makes survey think of the next one, where terminals wait for a character
		}
		fmt.Fprint(l.console, strings.Repeat("\n", added))
	}
	return answer, err
}

// wraps is how often a line is wrapped, as survey counts.
func wraps(line string, cols int) int { return max(0, surveyterm.StringWidth(line)-1) / cols }

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

func (p *surveyPrompter) List(q Question) ([]string, error) { return List(q, p.Input) }

func (p *surveyPrompter) Say(text string) { fmt.Fprintln(p.console, text) }

func (p *surveyPrompter) Close() error { return p.console.close() }
