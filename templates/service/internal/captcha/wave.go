package captcha

// wave is a smooth random function: a Catmull-Rom curve through random values at equal distances.
type wave struct {
	values [waveSpans + 3]float64
	origin float64
	scale  float64 // spans a unit
}

const waveSpans = 12

// newWave returns a wave for arguments from low to high that swings to about amplitude, over
// distances of about period.
func (d *dice) newWave(low, high, period, amplitude float64) wave {
	spans := min(max((high-low)/period, 1), waveSpans)
	w := wave{origin: low, scale: spans / (high - low)}
	for i := range w.values[:min(int(spans)+4, len(w.values))] {
		w.values[i] = d.between(-amplitude, amplitude)
	}
	return w
}

// at returns the value at v; beyond the ends the wave continues flat.
func (w *wave) at(v float64) float64 {
	f := min(max((v-w.origin)*w.scale, 0), waveSpans-0.001)
	i := int(f)
	t := f - float64(i)
	a, b, c, e := w.values[i], w.values[i+1], w.values[i+2], w.values[min(i+3, len(w.values)-1)]
	return b + 0.5*t*(c-a+t*(2*a-5*b+4*c-e+t*(3*(b-c)+e-a)))
}
