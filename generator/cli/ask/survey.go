package ask

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/core"
	surveyterm "github.com/AlecAivazis/survey/v2/terminal"
)

// surveyPrompter asks on a terminal with survey's Input, Select and Confirm. survey
// reads and draws only through a console, which repairs its handling of keys; of the
// terminal itself it sets the mode and asks for the width. Templates of our own replace
// survey's, which break lines in the middle of words and do not say that a filter
// matches nothing; and each widget is wrapped in a type of ours, which says why.
type surveyPrompter struct {
	console *console
}

// newSurveyPrompter takes hold of the terminal until Close.
func newSurveyPrompter(ctx context.Context, in, out *os.File, color bool) (*surveyPrompter, error) {
	c, err := openConsole(ctx, in, out)
	if err != nil {
		return nil, err
	}
	// survey has its templates in variables. The process has one prompter.
	core.DisableColor = !color
	survey.InputQuestionTemplate, survey.ConfirmQuestionTemplate = inputTemplate, confirmTemplate
	survey.SelectQuestionTemplate, survey.ErrorTemplate = selectTemplate, errorTemplate
	return &surveyPrompter{console: c}, nil
}

// The templates get texts that are wrapped already: an Input's Default and the
// descriptions of choices begin with the blank or the line end that they need.
const (
	questionTemplate = `
{{- if .ShowHelp}}{{color .Config.Icons.Help.Format}}{{.Help}}{{color "reset"}}{{"\n"}}{{end}}
{{- color .Config.Icons.Question.Format}}{{.Config.Icons.Question.Text}} {{color "reset"}}
{{- color "default+hb"}}{{.Message}}{{color "reset"}}`

	inputTemplate = questionTemplate + `{{.Default}} `

	confirmTemplate = questionTemplate + `
{{- if .Answer}} {{color "cyan"}}{{.Answer}}{{color "reset"}}{{"\n"}}
{{- else}} {{if .Default}}(Y/n){{else}}(y/N){{end}} {{end}}`

	selectTemplate = `
{{- define "option"}}
    {{- if eq .SelectedIndex .CurrentIndex}}{{color .Config.Icons.SelectFocus.Format}}
        {{- .Config.Icons.SelectFocus.Text}} {{else}}{{color "default"}}  {{end}}
    {{- .CurrentOpt.Value}}{{color "reset"}}{{color "cyan"}}{{$.GetDescription .CurrentOpt}}{{color "reset"}}
{{end}}` + questionTemplate + `
{{- .FilterMessage}}{{"\n"}}
{{- range $ix, $option := .PageEntries}}{{template "option" $.IterateOption $ix $option}}{{else}}
  {{- "  nothing matches: Backspace deletes letters\n"}}{{end}}`

	answerTemplate = `
{{- color .Config.Icons.Question.Format}}{{.Config.Icons.Question.Text}} {{color "reset"}}
{{- color "default+hb"}}{{.Label}}{{color "reset"}}{{color "cyan"}}{{.Answer}}{{color "reset"}}{{"\n"}}`

	errorTemplate = `{{color .Icon.Format}}{{.Icon.Text}} {{.Error.Error}}{{color "reset"}}
`
)

// answered is what answerTemplate draws in place of a question.
type answered struct {
	Label, Answer string
	Config        *survey.PromptConfig
}

func (p *surveyPrompter) answered(config *survey.PromptConfig, q Question, answer string) answered {
	label := p.wrap(q.Label)
	if beside := " " + answer; surveyterm.StringWidth("? "+lastLine(label)+beside) <= p.Width() {
		return answered{label, beside, config}
	}
	return answered{label, "\n" + Wrap("  ", answer, p.Width()), config}
}

// wrap fits a label behind the two columns of the question mark.
func (p *surveyPrompter) wrap(label string) string {
	return strings.TrimPrefix(Wrap("  ", label, p.Width()), "  ")
}

func lastLine(text string) string { return text[strings.LastIndexByte(text, '\n')+1:] }

// Width leaves the last column free: terminals differ in where the cursor is behind
// a full line.
func (p *surveyPrompter) Width() int {
	cols, _ := p.console.size()
	return cols - 1
}

func (p *surveyPrompter) ask(prompt survey.Prompt, answer any, options ...survey.AskOpt) error {
	err := survey.AskOne(prompt, answer, append(options,
		survey.WithStdio(p.console, p.console, p.console), survey.WithShowCursor(true))...)
	if p.console.cancelled {
		fmt.Fprintln(p.console)
		return ErrCancelled
	}
	return err
}

func (p *surveyPrompter) Input(q Question) (string, error) {
	l := &line{prompter: p, question: q}
	l.begin()
	var answer string
	err := p.ask(l, &answer, survey.WithValidator(func(v any) error {
		text, _ := v.(string)
		if err := q.Check(text); err != nil {
			return errors.New(strings.TrimPrefix(wrapLines("  "+err.Error(), p.Width()), "  "))
		}
		return nil
	}))
	return answer, err
}

// line is a survey.Input that erases the lines it took, and no more. survey
// is on the last line of the question when it draws the answer in its
// place, and goes up from there by the lines of question and answer together:
// an answer that wraps would take the answers above off the screen.
type line struct {
	survey.Input
	prompter *surveyPrompter
	question Question
	typed    string // the last answer
}

// begin makes a new survey.Input, which knows of no lines that it drew.
func (l *line) begin() {
	p, q, stdio := l.prompter, l.question, l.Stdio()
	l.Input = survey.Input{Message: p.wrap(q.Label), Help: Wrap("", q.Help, p.Width())}
	if q.Default != "" {
		l.Default = " (" + q.Default + ")"
		if surveyterm.StringWidth("? "+lastLine(l.Message)+l.Default+" ") > p.Width() {
			l.Default = "\n" + Wrap("  ", "("+q.Default+")", p.Width())
		}
	}
	l.WithStdio(stdio)
}

func (l *line) Prompt(config *survey.PromptConfig) (any, error) {
	c := l.prompter.console
	c.watch(lastLine(l.Message), false)
	answer, err := l.Input.Prompt(config)
	asked, ok := c.asked()
	if errors.Is(err, ErrBack) {
		return "", errors.Join(err, l.Render(answerTemplate, l.prompter.answered(config, l.question, backKey)))
	}
	text, _ := answer.(string)
	if ok && err == nil {
		// Down to where survey takes the cursor to be.
		cols, _ := c.size()
		added := wraps(asked+text, cols) - wraps(asked, cols)
		if surveyterm.StringWidth(asked+text)%cols == 0 {
			added++ // a full line makes survey think of the next one, where terminals wait for a character
		}
		fmt.Fprint(c, strings.Repeat("\n", added))
	}
	if text == l.Default {
		text = l.question.Default
	}
	l.typed = strings.TrimSpace(text)
	return l.typed, err
}

// Error keeps the refused answer on the screen, and asks again below.
func (l *line) Error(config *survey.PromptConfig, refusal error) error {
	if err := l.Render(answerTemplate, l.prompter.answered(config, l.question, l.typed)); err != nil {
		return err
	}
	l.begin()
	text, _, err := core.RunTemplate(errorTemplate, survey.ErrorTemplateData{Error: refusal, Icon: config.Icons.Error})
	fmt.Fprint(l.prompter.console, text)
	return err
}

func (l *line) Cleanup(config *survey.PromptConfig, answer any) error {
	text, _ := answer.(string)
	return l.Render(answerTemplate, l.prompter.answered(config, l.question, text))
}

// wraps is how often a line is wrapped, as survey counts.
func wraps(line string, cols int) int { return max(0, surveyterm.StringWidth(line)-1) / cols }

func (p *surveyPrompter) Select(q Question, choices []Choice, preset int) (int, error) {
	m := &menu{prompter: p, question: q}
	m.Message = p.wrap(q.Label)
	if hint := " [arrows or letters]"; surveyterm.StringWidth("? "+q.Label+hint)+roomForFilter <= p.Width() {
		m.Message = q.Label + hint
	}
	m.Help, m.Default = Wrap("", q.Help, p.Width()), preset
	notes, tallest, height := make([]string, len(choices)), 1, len(choices)
	for i, c := range choices {
		m.Options = append(m.Options, c.Label)
		if c.Note == "" {
			continue
		}
		notes[i] = " - " + c.Note
		if surveyterm.StringWidth("  "+c.Label+notes[i]) > p.Width() {
			notes[i] = "\n" + Wrap("    ", c.Note, p.Width())
		}
		more := strings.Count(notes[i], "\n")
		tallest, height = max(tallest, 1+more), height+more
	}
	// What has left the screen at the top could not be erased.
	_, rows := p.console.size()
	room := rows - 3 - strings.Count(m.Message, "\n") - strings.Count(m.Help, "\n")
	if tallest > room { // not even one choice fits with its note
		notes, tallest, height = make([]string, len(choices)), 1, len(choices)
	}
	m.Description = func(_ string, i int) string { return notes[i] }
	page := room
	if height > room {
		page = room / tallest
	}
	// Answering into an int keeps two equal labels apart and needs no search.
	var answer int
	err := p.ask(m, &answer, survey.WithPageSize(max(1, page)))
	return answer, err
}

// roomForFilter is how many columns are kept free for the letters of a filter.
const roomForFilter = 9

// menu is a survey.Select that leaves no list behind when the person goes back.
type menu struct {
	survey.Select
	prompter *surveyPrompter
	question Question
}

func (m *menu) Prompt(config *survey.PromptConfig) (any, error) {
	m.prompter.console.watch("", true)
	answer, err := m.Select.Prompt(config)
	if errors.Is(err, ErrBack) {
		return answer, errors.Join(err, m.Cleanup(config, core.OptionAnswer{Value: backKey}))
	}
	return answer, err
}

func (m *menu) Cleanup(config *survey.PromptConfig, answer any) error {
	if err := m.NewCursor().Restore(); err != nil { // survey leaves it at the choice
		return err
	}
	return m.Render(answerTemplate, m.prompter.answered(config, m.question, answer.(core.OptionAnswer).Value))
}

func (p *surveyPrompter) Confirm(q Question, preset bool) (bool, error) {
	y := &yesNo{prompter: p, question: q}
	y.Message, y.Help, y.Default = p.wrap(q.Label), Wrap("", q.Help, p.Width()), preset
	answer := preset
	err := p.ask(y, &answer)
	return answer, err
}

// yesNo is a survey.Confirm that ends its line when the person goes back.
type yesNo struct {
	survey.Confirm
	prompter *surveyPrompter
	question Question
}

func (y *yesNo) Prompt(config *survey.PromptConfig) (any, error) {
	y.prompter.console.watch("", false)
	answer, err := y.Confirm.Prompt(config)
	if errors.Is(err, ErrBack) {
		return false, errors.Join(err, y.Render(answerTemplate, y.prompter.answered(config, y.question, backKey)))
	}
	return answer, err
}

func (p *surveyPrompter) List(q Question) ([]string, error) { return List(q, p.Input) }

func (p *surveyPrompter) Say(text string) { fmt.Fprintln(p.console, wrapLines(text, p.Width())) }

func (p *surveyPrompter) Close() error { return p.console.close() }
