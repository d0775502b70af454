package captcha

// wave is a random function of one variable: straight from one random value to the next, at equal distances.
type wave struct {
	origin, scale float64 // scale is in spans a step
	last          int     // span
	values        [waveSpans + 1]float64
}

const waveSpans = 20 // at most

// newWave makes w a wave for arguments from low to high that swings to about amplitude, over distances of about period.
func (d *dice) newWave(w *wave, low, high, period, amplitude float64) {
	spans := int(min(max((high-low)/period, 1), waveSpans))
	w.origin, w.scale, w.last = low, float64(spans)/(high-low), spans-1
	for i := range w.values[:spans+1] {
		w.values[i] = d.between(-amplitude, amplitude)
	}
}

// at returns the value at v; beyond the ends the wave goes straight on.
func (w *wave) at(v float64) float64 {
	f := (v - w.origin) * w.scale
	i := max(min(int(f), w.last), 0)
	return w.values[i] + (f-float64(i))*(w.values[i+1]-w.values[i])
}
