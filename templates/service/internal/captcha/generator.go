package captcha

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync"
)

// Challenge is a picture and what it says. Printing or logging it hides the text.
type Challenge struct {
	// Text is the answer: the characters shown, or the result in math mode. It never leaves the server.
	Text string `json:"-"`
	// SVG is the picture, a complete document of type image/svg+xml.
	SVG []byte `json:"svg"`
}

// String hides the text.
func (c Challenge) String() string {
	return fmt.Sprintf("captcha.Challenge{%d bytes of SVG}", len(c.SVG))
}

// GoString hides the text from %#v.
func (c Challenge) GoString() string { return c.String() }

// LogValue hides the text from slog.
func (c Challenge) LogValue() slog.Value { return slog.StringValue(c.String()) }

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

// New validates the options, reporting every problem at once, and prepares what does not change from picture to picture.
func New(o Options) (*Generator, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	g := &Generator{options: o, alphabet: o.alphabet(), head: o.head(), colors: o.palette(), numbers: newNumbers(grid * max(o.Width, o.Height))}
	g.canvases.New = func() any { return new(canvas) }
	if o.Math {
		g.alphabet = "0123456789+-="
	}
	glyphs, err := loadGlyphs(g.alphabet)
	if err != nil {
		return nil, err
	}
	g.glyphs, g.folder = glyphs, newFolder(g.alphabet)
	return g, nil
}

// Create draws a new picture of a random text. The error is always nil at present.
func (g *Generator) Create() (Challenge, error) {
	var seed [32]byte
	rand.Read(seed[:]) // never fails (crypto/rand)
	if g.options.Math {
		shown, result := g.options.randomSum()
		return Challenge{Text: result, SVG: g.draw(shown, seed)}, nil
	}
	text := randomText(g.alphabet, g.options.Size)
	return Challenge{Text: text, SVG: g.draw(text, seed)}, nil
}

// Render draws the given text; the same seed gives the same picture. It is meant for tests and tools: a picture for
// visitors needs a text and a seed that nobody can guess, which Create chooses. The text must consist of
// characters that the options allow, at most as many as they make room for.
func (g *Generator) Render(text string, seed [32]byte) ([]byte, error) {
	if text == "" || len(text) > g.options.longest() {
		return nil, fmt.Errorf("captcha: cannot draw %d characters: 1 to %d", len(text), g.options.longest())
	}
	for i := range len(text) {
		if !strings.Contains(g.alphabet, text[i:i+1]) {
			return nil, fmt.Errorf("captcha: cannot draw %q: not in the preset %q", text[i:i+1], g.alphabet)
		}
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
