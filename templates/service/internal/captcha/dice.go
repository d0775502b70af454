package captcha

import "math/rand/v2"

// dice supplies the randomness of the drawing: a ChaCha8 stream, fast and not predictable from its output. The
// text is chosen by crypto/rand instead; see randomText.
type dice struct{ stream rand.ChaCha8 }

// unit returns a number from 0 to below 1.
func (d *dice) unit() float64 { return float64(d.stream.Uint64()>>11) / (1 << 53) }

// between returns a number from low to below high.
func (d *dice) between(low, high float64) float64 { return low + (high-low)*d.unit() }

// below returns an integer from 0 to n-1. Its bias, under n in 2^32, does not matter to a drawing.
func (d *dice) below(n int) int { return int(d.stream.Uint64() >> 32 * uint64(n) >> 32) }
