package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
)

// streams are the process's three files, and how to talk on them.
type streams struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	// The flags of every command.
	verbose, quiet, noColor, accessible bool
}

// terminal is the file behind a stream if that file is a terminal.
func terminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && f != nil && term.IsTerminal(int(f.Fd()))
}

// width is how many columns a line on standard error can have: all but the last of the terminal.
func (s streams) width() int {
	if f, ok := terminal(s.err); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns - 1
		}
	}
	return math.MaxInt
}

// canPrompt is the one gate before every question. why is the reason when
// nothing may be asked, put so that it starts a sentence.
func (s streams) canPrompt(o askOptions) (ok bool, why string) {
	switch {
	case o.yes:
		return false, "with --yes nothing is asked"
	case o.noInput:
		return false, "with --no-input nothing is asked"
	case isSet(s.getenv("CI")):
		return false, "the variable CI is set, so nothing is asked"
	}
	if _, ok := terminal(s.in); !ok {
		return false, "standard input is not a terminal, so nothing can be asked"
	}
	if _, ok := terminal(s.out); !ok {
		return false, "standard output is not a terminal, so nothing can be asked"
	}
	return true, ""
}

// isSet reads a switch in the environment: empty, 0 and false are off.
func isSet(value string) bool {
	return value != "" && value != "0" && !strings.EqualFold(value, "false")
}

// dumb is a terminal that understands no escape sequences.
func (s streams) dumb() bool { return s.getenv("TERM") == "dumb" }

// color reports whether text on a stream may be colored. FORCE_COLOR serves
// logs that keep colors; --no-color and NO_COLOR (no-color.org) win over it.
func (s streams) color(stream any) bool {
	switch {
	case s.noColor, s.getenv("NO_COLOR") != "", s.getenv("CLICOLOR") == "0":
		return false
	case isSet(s.getenv("FORCE_COLOR")), isSet(s.getenv("CLICOLOR_FORCE")):
		return true
	}
	_, tty := terminal(stream)
	return tty && !s.dumb()
}

// style colors words, or leaves them alone.
type style bool

func (s style) paint(code, text string) string {
	if !s || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string   { return s.paint("1", text) }
func (s style) red(text string) string    { return s.paint("31", text) }
func (s style) yellow(text string) string { return s.paint("33", text) }
func (s style) cyan(text string) string   { return s.paint("36", text) }

// prompter opens the prompter that suits the terminal. The questions are drawn
// on standard error; only when that is not a terminal, on standard output, which
// canPrompt saw to be one.
func (s streams) prompter(ctx context.Context) (ask.Prompter, error) {
	in, ok := terminal(s.in)
	if !ok {
		return nil, errors.New("standard input is not a terminal")
	}
	out, ok := terminal(s.err)
	if !ok {
		if out, ok = terminal(s.out); !ok {
			return nil, errors.New("neither standard error nor standard output is a terminal")
		}
	}
	return ask.New(ctx, in, out, ask.Options{Color: s.color(out), Lines: s.accessible || s.dumb()})
}

// progress shows on a terminal what is under way and for how long, until
// done is called.
func (s streams) progress(what string) (done func()) {
	out, ok := terminal(s.err)
	if !ok || s.quiet || s.accessible || s.dumb() {
		return func() {}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	start := time.Now()
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(200 * time.Millisecond)
		defer ticker.Stop()
		drawn := false
		for {
			select {
			case <-stop:
				if drawn {
					fmt.Fprint(out, eraseLine)
				}
				return
			case now := <-ticker.C:
				line := fmt.Sprintf("%s, %d s", what, int(now.Sub(start).Seconds()))
				// A line that wraps could not be erased.
				if cols, _, err := term.GetSize(int(out.Fd())); err == nil && len(line) < cols {
					fmt.Fprint(out, eraseLine+line)
					drawn = true
				}
			}
		}
	}()
	return func() { close(stop); <-stopped }
}

// eraseLine goes back to the start of the line and clears it.
const eraseLine = "\r\x1b[K"

// cancelOnSignal cancels the context when the process receives a signal to stop.
func cancelOnSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
}
