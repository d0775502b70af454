package captcha

import "math/rand/v2"

type dice struct {
	stream *rand.ChaCha8
	*rand.Rand
}

func (d *dice) reset(seed [32]byte) {
	if d.stream == nil {
		d.stream = rand.NewChaCha8(seed)
		d.Rand = rand.New(d.stream)
	}
	d.stream.Seed(seed)
}

// unit returns a number from 0 to below 1.
func (d *dice) unit() float64 { return d.Float64() }

// between returns a number from low to below high.
func (d *dice) between(low, high float64) float64 { return low + (high-low)*d.unit() }

// below returns an integer from 0 to n-1. Its bias, up to n in 2^16, does not matter to a drawing.
func (d *dice) below(n int) int { return d.IntN(n) }
