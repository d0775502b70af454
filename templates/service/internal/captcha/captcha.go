// Package captcha draws pictures of characters that programs cannot simply read off, and checks the answers.
//
// A [Generator] draws, from the same options as the npm package svg-captcha. A [Desk] hands pictures out and takes the
// answers; it needs a [Ledger], which takes a few lines around a session store. Keep the [Pending] it returns in the
// visitor's session and send only the SVG:
//
//	generator, err := captcha.New(captcha.Defaults())
//	desk := captcha.NewDesk(generator, ledger, captcha.DeskOptions{})
//
//	pending, svg, err := desk.Issue("login")                   // GET /code
//	err = desk.Verify(ctx, session.V.Code, "login", form.Code) // POST /login, before the password is checked
//
// The text is kept from the visitor: it is in no picture as text, in no error, and printing or logging a [Pending]
// hides it. A picture has its own expiry (5 minutes) and takes 3 tries; it is used up by the right answer and by the
// last wrong one. Of several right answers sent at the same time exactly one is accepted, even if they reach different
// processes that share a ledger. (If the ledger is memory of one process, each process counts for itself.) Answers are
// compared in constant time, without regard to case, white space, full-width forms, and characters that the preset
// leaves out because they look alike.
//
// # The picture
//
// Characters are drawn from real font outlines (the Go fonts, see LICENSE.gofonts). Each outline gets more points at
// random places, in random number; the whole is bent and crossed by a ribbon (layout.go), cut by random lines into
// overlapping pieces (cut.go), and written as one path of one color in random order (svg.go). So no part
// of the markup is a character, and none repeats. All pieces are walked the same way round; opposite ones would cancel
// where they overlap.
//
// It is a speed bump. It stops programs that read the markup, and common text recognition, most of the time; a neural
// network trained for it reads it. Limit the rate of whatever it protects. And it shuts out people who cannot see it:
// offer another way as well (WCAG 2.2, 1.1.1 and 3.3.8). A sum instead of characters is no such way: it is still a
// picture, and has few different answers.
package captcha

import (
	"crypto/rand"
	"strings"
	"sync"
)

// Generator draws pictures. It is safe for concurrent use.
type Generator struct {
	options  Options
	alphabet string
	glyphs   *[128][]glyph // by character, one per font
	head     string
	colors   []string
	numbers  numbers
	folder   *strings.Replacer
	canvases sync.Pool
}

// New validates the options, reporting every problem at once, and prepares what does not change from picture to
// picture.
func New(o Options) (*Generator, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	alphabet := o.alphabet()
	return &Generator{
		options: o, alphabet: alphabet, glyphs: loadGlyphs(alphabet), head: o.head(), colors: o.palette(),
		numbers: newNumbers(grid * max(o.Width, o.Height)), folder: newFolder(alphabet),
		canvases: sync.Pool{New: func() any { return new(canvas) }},
	}, nil
}

// Create draws a new picture of a random text: a complete document of type image/svg+xml. The answer, the characters
// shown or the result in math mode, is not for the browser: keep it on the server, or encrypted.
func (g *Generator) Create() (answer string, svg []byte) {
	var seed [32]byte
	rand.Read(seed[:]) // never fails (crypto/rand)
	shown, answer := g.options.randomText(g.alphabet)
	return answer, g.draw(shown, seed)
}

// draw adds the characters and noise, both cut into pieces, and writes them as one path. One seed gives one picture.
func (g *Generator) draw(text string, seed [32]byte) []byte {
	c := g.canvases.Get().(*canvas)
	defer g.canvases.Put(c)
	c.reset(&g.options, seed)
	c.compose(text, g.glyphs, g.options.FontSize)
	left, right := float64(c.ink.Min.X), float64(c.ink.Max.X)
	for range g.options.Noise {
		c.ribbon(left, right)
	}
	return c.assemble(g.head, g.colors[c.below(len(g.colors))], g.numbers)
}
