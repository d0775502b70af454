package captcha

import "math/rand/v2"

// dice supplies the randomness of the drawing: a ChaCha8 stream, fast and not predictable from its output, in portions
// of 16 bits, which is as fine as a drawing needs. The text is chosen by crypto/rand instead; see randomText.
type dice struct {
	stream rand.ChaCha8
	rolls  [128]uint16
	used   int // of rolls
}

func (d *dice) reset(seed [32]byte) {
	d.stream.Seed(seed)
	d.refill()
}

func (d *dice) refill() {
	for i := 0; i < len(d.rolls); i += 4 {
		word := d.stream.Uint64()
		d.rolls[i], d.rolls[i+1], d.rolls[i+2], d.rolls[i+3] = uint16(word), uint16(word>>16), uint16(word>>32), uint16(word>>48)
	}
	d.used = 0
}

// roll returns an integer from 0 to below 2^16.
func (d *dice) roll() int {
	if d.used == len(d.rolls) {
		d.refill()
	}
	d.used++
	return int(d.rolls[d.used-1])
}

// unit returns a number from 0 to below 1.
func (d *dice) unit() float64 { return float64(d.roll()) / (1 << 16) }

// between returns a number from low to below high.
func (d *dice) between(low, high float64) float64 { return low + (high-low)*d.unit() }

// below returns an integer from 0 to n-1. Its bias, up to n in 2^16, does not matter to a drawing.
func (d *dice) below(n int) int { return d.roll() * n >> 16 }
