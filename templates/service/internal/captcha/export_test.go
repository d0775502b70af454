package captcha

// Render draws the given text, characters that the options allow. The same seed gives the same picture.
func (g *Generator) Render(text string, seed [32]byte) []byte { return g.draw(text, seed) }
