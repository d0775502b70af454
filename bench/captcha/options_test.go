package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

// TestGeneratorRefusesWhatTheServiceWould holds that no service is generated whose captcha refuses its options at
// the start. The test is here, in a package below templates/service that is not emitted, since only from there can
// internal/captcha be imported.
func TestGeneratorRefusesWhatTheServiceWould(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	pick := func(values ...string) string { return values[dice.IntN(len(values))] }
	accepted, refused := 0, 0
	for range 20000 {
		o := options.Defaults()
		c := &o.Captcha
		o.Module = "example.com/shop"
		between := func(low, high int) int { return low + dice.IntN(high-low+1) } // as the options' table allows
		c.Size, c.Noise, c.FontSize = between(1, 12), between(0, 10), between(8, 200)
		c.Width, c.Height = between(40, 200), between(20, 500)
		c.Background = pick("", "#fff", "#F5F7FA", "red", "#12", `#"><a>"`)
		c.CharPreset = pick("", "aA", "AB", "aAb", captcha.AlphaNumeric, "Ä", captcha.Unambiguous)
		c.IgnoreChars = pick("", "A", "ab", captcha.Unambiguous, strings.ToLower(captcha.Unambiguous),
			captcha.AlphaNumeric)
		c.Color, c.Inverse = dice.IntN(2) == 0, dice.IntN(2) == 0
		c.Math, c.MathMin, c.MathMax, c.MathOperator = dice.IntN(2) == 0, between(0, 99), between(0, 99), pick("+",
			"-", "+-")
		if o.Validate() != nil {
			refused++
			continue
		}
		accepted++
		preset := c.CharPreset
		if preset == "" {
			preset = captcha.Unambiguous
		}
		err := captcha.Options{
			Size: c.Size, Width: c.Width, Height: c.Height, FontSize: float64(c.FontSize), Noise: c.Noise,
			Background: c.Background,
			Color:      c.Color, Inverse: c.Inverse,
			CharPreset: preset, IgnoreChars: c.IgnoreChars, Math: c.Math, MathMin: c.MathMin, MathMax: c.MathMax,
			MathOperator: c.MathOperator,
		}.Validate()
		if err != nil {
			t.Fatalf("generated, and refused at the start: %v", err)
		}
	}
	if accepted < 100 || refused < 100 {
		t.Errorf("%d accepted, %d refused: the test tries too few of one", accepted, refused)
	}
}

// TestDefaultsAreOneSet holds that a new project draws with the package's own defaults.
func TestDefaultsAreOneSet(t *testing.T) {
	c := options.Defaults().Captcha
	chosen := captcha.Options{
		Size: c.Size, Width: c.Width, Height: c.Height, FontSize: float64(c.FontSize), Noise: c.Noise,
		Background: c.Background,
		Color:      c.Color, Inverse: c.Inverse, CharPreset: captcha.Unambiguous, IgnoreChars: c.IgnoreChars,
		Math: c.Math, MathMin: c.MathMin, MathMax: c.MathMax, MathOperator: c.MathOperator,
	}
	if want := captcha.Defaults(); chosen != want || c.CharPreset != "" {
		t.Errorf("the generator's defaults are %+v, the package's %+v", chosen, want)
	}
}
