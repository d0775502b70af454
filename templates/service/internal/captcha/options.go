package captcha

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// AlphaNumeric is svg-captcha's own preset: the 62 ASCII letters and digits, look-alikes included.
const AlphaNumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// Unambiguous is the default preset: 15 characters of which no two are easily taken for each other once they are
// bent, cut and crossed by a ribbon. Of 0/O/Q, 1/I, 2/Z, 4/A/N, 5/S, 6/G, 7/T, 8/B, E/F/L, J/U, M/V/W, P/R and X/Y it
// has one at most.
const Unambiguous = "ACDEHKRSTUX2369"

// Limits of the numeric options.
const (
	MaxSize     = 32   // characters
	MaxWidth    = 2000 // pixels
	MaxHeight   = 1000 // pixels
	MinHeight   = 20   // pixels
	MinCharW    = 12   // pixels of width per character drawn
	MaxNoise    = 10   // ribbons
	MaxFontSize = 1000 // pixels
	MaxOperand  = 999  // largest absolute operand of math mode
)

// Options describes the pictures. The names and meanings are those of the npm package svg-captcha,
// so that its users find them again; a comment says where the behaviour differs. The zero value is not usable: start
// from [Defaults] and change fields. [New] refuses what cannot work, naming every problem.
type Options struct {
	// Size is the number of characters, 1 to [MaxSize]. Default 4. Ignored in math mode.
	Size int
	// Width and Height of the picture in CSS pixels. Default 120 and 30.
	Width, Height int
	// FontSize in CSS pixels, an upper bound: it is lowered until every character fits into the
	// picture (svg-captcha clips instead). Default 46.
	FontSize float64
	// Noise is the number of ribbons drawn across the characters, 0 to [MaxNoise]. Default 1. Zero means none.
	Noise int
	// Color draws in a random hue instead of grey. One hue for the whole picture: a colour for each
	// character, as in svg-captcha, would tell a program where each begins. A Background turns it on.
	Color bool
	// Inverse draws light on a page assumed dark. It has no effect with a Background, which decides by itself.
	Inverse bool
	// Background fills the picture: "#rgb" or "#rrggbb", or "" for transparent. The ink keeps a contrast of
	// at least 4.5:1 to it (WCAG 1.4.3); without a Background the page is taken to be white, or black with Inverse.
	// Default "#F5F7FA".
	Background string
	// CharPreset holds the characters to choose from, ASCII letters and digits. Default [Unambiguous];
	// svg-captcha's own is [AlphaNumeric]. An answer is compared without regard to case.
	CharPreset string
	// IgnoreChars is taken out of CharPreset. Default "".
	IgnoreChars string

	// Math asks for the result of a small sum instead of characters. It is weaker than text (few different answers)
	// and no help to those who cannot see the picture.
	Math bool
	// MathMin and MathMax bound the operands, inclusive, 0 to [MaxOperand]. Default 1 and 9.
	MathMin, MathMax int
	// MathOperator is "+", "-" or "+-" for either at random. Default "+". A difference never is negative.
	MathOperator string
}

// Defaults returns the preset of a new project: a login form's picture. svg-captcha's own defaults are larger, 150x50
// with font size 56 and no background, and choose from [AlphaNumeric].
func Defaults() Options {
	return Options{
		Size: 4, Width: 120, Height: 30, FontSize: 46, Noise: 1, Background: "#F5F7FA",
		CharPreset: Unambiguous,
		MathMin:    1, MathMax: 9, MathOperator: "+",
	}
}

// alphabet returns the characters that pictures may show, each once.
func (o Options) alphabet() string {
	if o.Math {
		return "0123456789+-="
	}
	return distinct(o.CharPreset, o.IgnoreChars)
}

// distinct returns the characters of s that are not among the ignored ones, each once.
func distinct(s, ignored string) string {
	var b strings.Builder
	for _, r := range s {
		if !strings.ContainsRune(ignored, r) && !strings.ContainsRune(b.String(), r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// longest returns the largest number of characters a picture can have.
func (o Options) longest() int {
	if !o.Math {
		return o.Size
	}
	return 2*len(strconv.Itoa(o.MathMax)) + len("+=")
}

// Validate reports every problem at once, joined with [errors.Join]; nil if the options can be drawn.
func (o Options) Validate() error {
	var problems []error
	refuse := func(format string, args ...any) { problems = append(problems, fmt.Errorf("captcha: "+format, args...)) }
	within := func(name string, v, low, high int) {
		if v < low || v > high {
			refuse("%s is %d: choose %d to %d", name, v, low, high)
		}
	}
	within("width", o.Width, MinCharW, MaxWidth)
	within("height", o.Height, MinHeight, MaxHeight)
	within("noise", o.Noise, 0, MaxNoise)
	if !(o.FontSize >= 1 && o.FontSize <= MaxFontSize) { // nor NaN
		refuse("fontSize is %v: choose 1 to %d", o.FontSize, MaxFontSize)
	}
	if _, err := parseColor(o.Background); o.Background != "" && err != nil {
		problems = append(problems, err)
	}
	if o.Math {
		within("mathMin", o.MathMin, 0, MaxOperand)
		within("mathMax", o.MathMax, 0, MaxOperand)
		if o.MathMin > o.MathMax {
			refuse("mathMin %d is above mathMax %d: swap them", o.MathMin, o.MathMax)
		}
		if !slices.Contains([]string{"+", "-", "+-"}, o.MathOperator) {
			refuse("mathOperator is %q: choose \"+\", \"-\" or \"+-\"", o.MathOperator)
		}
	} else {
		within("size", o.Size, 1, MaxSize)
		if strings.Trim(o.CharPreset, AlphaNumeric) != "" {
			refuse("charPreset %q has a character other than A-Z, a-z, 0-9: leave it out", o.CharPreset)
		}
		if len(distinct(strings.ToUpper(o.alphabet()), "")) < 2 {
			refuse("charPreset %q without ignoreChars %q leaves fewer than 2 characters: ignore fewer",
				o.CharPreset, o.IgnoreChars)
		}
	}
	if need := o.longest() * MinCharW; len(problems) == 0 && o.Width < need {
		refuse("width %d is too narrow for %d characters: at least %d, or fewer characters", o.Width, o.longest(), need)
	}
	return errors.Join(problems...)
}
