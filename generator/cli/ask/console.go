package ask

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// console is the terminal as survey should see it. survey asks the terminal
// where the cursor is before every line, and throws away the keys that
// arrive in the same read as the answer; a terminal that never answers makes it
// hang; and it takes Ctrl-D for Enter. So console hands out one key or one
// escape sequence per Read, the terminal's answer before any key, makes an
// answer up for a terminal that gives none, and turns Ctrl-C, Ctrl-D and the
// end of input into ErrCancelled, for this and every later Read.
//
// The terminal stays in raw mode from openConsole to close, so that a key
// pressed between two questions is a key of the next one and not a signal.
type console struct {
	ctx     context.Context
	in      io.Reader
	fd      uintptr
	out     io.Writer
	restore func() error
	size    func() (cols, rows int)
	// answerWait is how long the terminal may take to report its cursor, and
	// escapeWait how long the rest of an escape sequence may lag behind.
	answerWait, escapeWait time.Duration

	keys      []byte      // read, not yet handed out
	reading   bool        // a read is under way
	chunks    chan []byte // its result; an empty one is the end of input
	label     string      // of the line that is asked for; see watch
	drawn     string      // the last line of it, as it was drawn
	typed     bool        // a character was handed out since
	menu      bool        // a Select is asked: its only text is a filter
	fresh     bool        // the next character is the first of an answer
	queries   int         // "where is the cursor", asked and not yet answered
	corner    bool        // the next of them is about the far corner: how large is the screen
	mute      bool        // the terminal left a question unanswered
	cancelled bool
}

const (
	askCursor = "\x1b[6n"
	farCorner = "\x1b[999;999f" // to which survey moves the cursor to learn the size of the screen
)

// openConsole puts the terminal into raw mode. in is a terminal; out is the
// stream on which the questions are drawn.
func openConsole(ctx context.Context, in, out *os.File) (*console, error) {
	c := &console{
		ctx: ctx, in: in, fd: in.Fd(), out: out,
		answerWait: 400 * time.Millisecond,
		escapeWait: 50 * time.Millisecond,
		chunks:     make(chan []byte, 1),
	}
	c.size = func() (int, int) {
		cols, rows, err := term.GetSize(int(out.Fd()))
		if err != nil || cols < 1 || rows < 1 {
			return 80, 24
		}
		return cols, rows
	}
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, err
	}
	c.restore = func() error { return term.Restore(int(in.Fd()), before) }
	return c, nil
}

func (c *console) close() error { return c.restore() }

// Fd is the descriptor on which survey sets the terminal's mode and asks for
// its width.
func (c *console) Fd() uintptr { return c.fd }

// Write draws, and counts what is asked of the terminal. Raw mode leaves the
// line feed alone, so the carriage return is added here.
func (c *console) Write(p []byte) (int, error) {
	c.queries += bytes.Count(p, []byte(askCursor))
	c.corner = c.corner || bytes.Contains(p, []byte(farCorner))
	if c.label != "" && bytes.Contains(p, []byte(c.label)) {
		c.drawn, c.typed = string(p[bytes.LastIndexByte(p, '\n')+1:]), false
	}
	if _, err := c.out.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n"))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// watch begins a question. What is drawn with the label, unless it is empty, is what
// the answer is typed behind.
func (c *console) watch(label string, menu bool) {
	c.label, c.drawn, c.menu, c.fresh = label, "", menu, true
}

// asked is the line that the answer was typed behind. It is not ok if nothing was
// typed, or if the terminal does not say where its cursor is.
func (c *console) asked() (line string, ok bool) {
	c.label = ""
	return c.drawn, c.typed && !c.mute
}

// Read hands out the terminal's answer, else one key, else waits.
func (c *console) Read(p []byte) (int, error) {
	if c.queries > 0 {
		c.queries--
		return copy(p, c.answer()), nil
	}
	for !c.cancelled {
		key, rest, whole := nextKey(c.keys)
		if !whole {
			wait := time.Duration(0)
			if len(c.keys) > 0 {
				wait = c.escapeWait
			}
			if !c.fill(wait) {
				// A lone Escape, or half a character: nothing more follows.
				c.keys = nil
			}
			continue
		}
		c.keys = rest
		if len(key) == 1 && (key[0] == ctrlC || key[0] == ctrlD) {
			c.cancelled = true
			break
		}
		if len(key) == 0 {
			continue
		}
		if string(key) == backKey && (c.fresh || c.menu) {
			return 0, ErrBack
		}
		printable := key[0] >= ' ' && key[0] != backspace
		c.typed, c.fresh = c.typed || printable, key[0] == '\r' || c.fresh && !printable
		return copy(p, key), nil
	}
	return 0, ErrCancelled
}

// answer is the terminal's report of the cursor, or one made up: the far corner, or
// the first column of the last line, which makes survey scroll rather than overwrite.
func (c *console) answer() []byte {
	corner := c.corner
	c.corner = false
	for !c.cancelled && !c.mute {
		if report := cursorReport.FindIndex(c.keys); report != nil {
			found := bytes.Clone(c.keys[report[0]:report[1]])
			c.keys = append(c.keys[:report[0]:report[0]], c.keys[report[1]:]...)
			return found
		}
		if bytes.ContainsAny(c.keys, string(rune(ctrlC))+string(rune(ctrlD))) {
			break // the next Read cancels; no need to wait for a slow terminal
		}
		if !c.fill(c.answerWait) {
			c.mute = true
		}
	}
	cols, rows := c.size()
	if !corner {
		cols = 1
	}
	return fmt.Appendf(nil, "\x1b[%d;%dR", rows, cols)
}

// fill waits for more keys, for ever when wait is 0. It reports false when
// none came in time.
func (c *console) fill(wait time.Duration) bool {
	if !c.reading {
		// One read at a time and only when a key is wanted, so that what is
		// typed after the last question stays with the terminal.
		c.reading = true
		go func() {
			buf := make([]byte, 1024)
			n, _ := c.in.Read(buf)
			c.chunks <- buf[:n]
		}()
	}
	var late <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case got := <-c.chunks:
		c.reading = false
		c.keys = append(c.keys, got...)
		if len(got) == 0 {
			c.cancelled = true
		}
	case <-c.ctx.Done():
		c.cancelled = true
	case <-late:
		return false
	}
	return true
}
