package ask

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// linePrompter asks one plain line at a time: no color, no cursor movement, no
// redrawing. It serves TERM=dumb, Windows and, with --accessible, screen readers.
type linePrompter struct {
	ctx   context.Context
	out   *os.File
	lines chan lineRead
	in    *bufio.Reader
	ended bool
}

type lineRead struct {
	text string
	err  error
}

func newLinePrompter(ctx context.Context, in io.Reader, out *os.File) *linePrompter {
	return &linePrompter{ctx: ctx, out: out, in: bufio.NewReader(in), lines: make(chan lineRead, 1)}
}

// readLine returns the next line without its end. A last line without a line
// end is an answer that nobody confirmed, so it counts as cancelled.
func (p *linePrompter) readLine() (string, error) {
	if p.ended {
		return "", ErrCancelled
	}
	// The read cannot be interrupted, so it runs beside and the prompt stops
	// waiting for it; the goroutine ends with the process or the next line.
	go func() {
		text, err := p.in.ReadString('\n')
		p.lines <- lineRead{text, err}
	}()
	select {
	case <-p.ctx.Done():
	case got := <-p.lines:
		if got.err == nil {
			return strings.TrimSpace(got.text), nil
		}
	}
	p.ended = true
	fmt.Fprintln(p.out)
	return "", ErrCancelled
}

// ask repeats a question until accept takes the line.
func (p *linePrompter) ask(prompt, help string, accept func(string) error) error {
	for {
		fmt.Fprint(p.out, prompt+": ")
		line, err := p.readLine()
		if err != nil {
			return err
		}
		switch {
		case line == "?" && help != "":
			p.Say(help)
			continue
		case line == backKey:
			return ErrBack
		}
		err = accept(line)
		if err == nil {
			return nil
		}
		p.Say("Not accepted: " + err.Error())
	}
}

func (p *linePrompter) Input(q Question) (string, error) {
	prompt := q.Label
	if q.Default != "" {
		prompt += " [" + q.Default + "]"
	}
	var answer string
	err := p.ask(prompt, q.Help, func(line string) error {
		answer = line
		if answer == "" {
			answer = q.Default
		}
		return q.Check(answer)
	})
	return answer, err
}

func (p *linePrompter) Select(q Question, choices []Choice, preset int) (int, error) {
	fmt.Fprintln(p.out, q.Label)
	for i, c := range choices {
		text := c.Label
		if c.Note != "" {
			text += ": " + c.Note
		}
		fmt.Fprintln(p.out, Wrap(fmt.Sprintf("  %d  ", i+1), text, p.Width()))
	}
	answer := preset
	err := p.ask(fmt.Sprintf("Number 1 to %d [%d]", len(choices), preset+1), q.Help, func(line string) error {
		if line == "" {
			return nil
		}
		if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(choices) {
			answer = n - 1
			return nil
		}
		for i, c := range choices {
			if strings.EqualFold(c.Label, line) {
				answer = i
				return nil
			}
		}
		return fmt.Errorf("%q is not one of the choices", line)
	})
	return answer, err
}

func (p *linePrompter) Confirm(q Question, preset bool) (bool, error) {
	prompt := q.Label + " [y/N]"
	if preset {
		prompt = q.Label + " [Y/n]"
	}
	answer := preset
	err := p.ask(prompt, q.Help, func(line string) error {
		switch strings.ToLower(line) {
		case "":
		case "y", "yes":
			answer = true
		case "n", "no":
			answer = false
		default:
			return fmt.Errorf("%q is neither yes nor no", line)
		}
		return nil
	})
	return answer, err
}

func (p *linePrompter) List(q Question) ([]string, error) { return List(q, p.Input) }

func (p *linePrompter) Say(text string) { fmt.Fprintln(p.out, wrapLines(text, p.Width())) }

func (p *linePrompter) Width() int {
	if cols, _, err := term.GetSize(int(p.out.Fd())); err == nil && cols > 1 {
		return cols - 1
	}
	return 79
}

func (p *linePrompter) Close() error { return nil }
