// Package captcha draws pictures of characters that programs cannot simply read off, and checks the answers.
//
// # Use
//
// A [Generator] draws, from the same options as the npm package svg-captcha. A [Desk] hands pictures out and takes
// the answers; it needs a [Ledger], which the session store is.
//
//	generator, err := captcha.New(captcha.Defaults())
//	desk := captcha.NewDesk(generator, store, captcha.DeskOptions{})
//
//	// GET /code: keep pending in the visitor's session, send svg as image/svg+xml with Cache-Control: no-store
//	pending, svg, err := desk.Issue("login")
//
//	// POST /login, before the password is looked at: nil, a *WrongError, or show a new picture
//	err := desk.Verify(ctx, pending, "login", form.Code)
//
// # What is promised
//
// The text stays on the server: it is in no picture as text, in no error, and printing or logging a [Pending] hides
// it. A picture has its own expiry (5 minutes) and takes 3 tries; it is used up by the right answer and by the last
// wrong one. Of several right answers sent at the same time exactly one is accepted, also when they reach different
// processes that share a ledger; where the ledger is memory of one process (the cookie and memory stores), each
// counts for itself. Answers are compared in constant time, without regard to case, white space, full-width forms,
// and characters that the preset leaves out because they look alike.
//
// # The picture
//
// Characters are drawn from real font outlines (the Go fonts, see LICENSE.gofonts). The points of each outline are
// chosen at random on it, in random number, the whole is bent, crossed by ribbons, joined by short strokes beside it
// (layout.go), cut by random lines into overlapping pieces (cut.go), and written as one path of one colour in random
// order (svg.go). So no part of the markup is a character, and none repeats. All parts are walked the same way round;
// opposite ones would cancel where they overlap.
//
// # What it is not
//
// The picture is a speed bump. It stops programs that read the markup, and common text recognition, most of the time;
// a neural network trained for it reads it. Limit the rate of whatever it protects. And it shuts out people who
// cannot see it: offer another way as well (WCAG 2.2, 1.1.1 and 3.3.8). A sum instead of characters is no such way:
// it is still a picture, and has few different answers.
package captcha

import (
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
)

// Generator draws pictures. It is safe for concurrent use.
type Generator struct {
	options  Options
	alphabet string
	glyphs   map[byte][]glyph // one a font
	head     string
	colors   []string
	numbers  numbers
	canvases sync.Pool
	folder   *strings.Replacer
}

// New validates the options, reporting every problem at once, and prepares what does not change from picture to
// picture.
func New(o Options) (*Generator, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	alphabet := o.alphabet()
	glyphs, err := loadGlyphs(alphabet)
	if err != nil {
		return nil, err
	}
	g := &Generator{
		options: o, alphabet: alphabet, glyphs: glyphs, folder: newFolder(alphabet),
		head: o.head(), colors: o.palette(), numbers: newNumbers(grid * max(o.Width, o.Height)),
	}
	g.canvases.New = func() any { return new(canvas) }
	return g, nil
}

// Create draws a new picture, a complete document of type image/svg+xml, of a random text. The answer is the
// characters shown, or the result in math mode; it never leaves the server.
func (g *Generator) Create() (answer string, svg []byte) {
	var seed [32]byte
	rand.Read(seed[:]) // never fails (crypto/rand)
	shown, answer := g.options.randomText(g.alphabet)
	return answer, g.draw(shown, seed)
}

// Render draws the given text, of characters that the options allow and at most as many as they make room for. The
// same seed gives the same picture: it is meant for tests and tools.
func (g *Generator) Render(text string, seed [32]byte) ([]byte, error) {
	if longest := g.options.longest(); text == "" || len(text) > longest || strings.Trim(text, g.alphabet) != "" {
		return nil, fmt.Errorf("captcha: cannot draw %q: choose 1 to %d characters of %q", text, longest, g.alphabet)
	}
	return g.draw(text, seed), nil
}

// draw places the characters, adds noise, cuts everything into pieces, and writes them shuffled as one path.
func (g *Generator) draw(text string, seed [32]byte) []byte {
	c := g.canvases.Get().(*canvas)
	defer g.canvases.Put(c)
	c.reset(&g.options, seed)
	c.compose(text, g.glyphs, g.options.FontSize)
	characters := len(c.shapes)
	c.disturb(g.options.Noise)
	for i, s := range c.shapes {
		c.cutUp(s, i < characters)
	}
	return c.assemble(g.head, g.colors[c.below(len(g.colors))], g.numbers)
}
