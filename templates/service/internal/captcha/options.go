package captcha

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// AlphaNumeric is svg-captcha's own preset: the 62 ASCII letters and digits, look-alikes included.
const AlphaNumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// Unambiguous is the default preset: no two are easily taken for each other once they are bent, cut and crossed by a
// ribbon. Of 0/O/Q, 1/I, 2/Z, 4/A/N, 5/S, 6/G, 7/T, 8/B, E/F/L, H/K/X/Y, J/U, M/V/W and P/R it has one at most.
const Unambiguous = "ACDEKRSTU2369"

// Options describes the pictures. Names and meanings are those of the npm package svg-captcha; a comment says where the
// behaviour differs. The zero value is not usable: start from [Defaults] and change fields.
type Options struct {
	// Size is the number of characters, 1 to 32. Default 4. Ignored in math mode.
	Size int
	// Width, at least 12 a character and at most 2000, and Height, 20 to 1000, in CSS pixels. Default 120 and 30.
	Width, Height int
	// FontSize in CSS pixels, 1 to 1000, an upper bound: it is lowered until every character fits into the
	// picture (svg-captcha clips instead). Default 46.
	FontSize float64
	// Noise is the number of ribbons drawn across the characters, 0 to 10. Default 1. Zero means none.
	Noise int
	// Color draws in a random hue instead of grey. One hue for the whole picture: a color for each
	// character, as in svg-captcha, would show a program where each begins. On a
	// middle grey or red, where no hue can be read, it is black or white all the same. Default true.
	Color bool
	// Inverse draws light on a page assumed dark. It is refused with a Background, which decides by itself.
	Inverse bool
	// Background fills the picture: "#rgb" or "#rrggbb", or "" for transparent. The ink keeps a contrast of
	// at least 4.5:1 to it (WCAG 1.4.3); without a Background the page is taken to be white, or black with Inverse.
	// Default "#F5F7FA".
	Background string
	// CharPreset holds the characters to choose from, ASCII letters and digits. Default [Unambiguous];
	// svg-captcha's own is [AlphaNumeric]. An answer is compared without regard to case.
	CharPreset string
	// IgnoreChars is taken out of CharPreset, in either case. Default "".
	IgnoreChars string

	// Math asks for the result of a sum instead of characters. It is weaker than text, since some results are likelier
	// than others: from 1 to 99, a blind guess is right once in 100 ("+") or 50 ("-"), and it is the only try. It is no
	// help to people who cannot see the picture.
	Math bool
	// MathMin and MathMax bound the operands, inclusive, 0 to 999, and differ. Default 1 and 99; the fewer, the easier
	// to guess.
	MathMin, MathMax int
	// MathOperator is "+", "-" or "+-" for either at random. Default "+". A difference is never negative.
	MathOperator string
}

// Defaults returns the options of a new project: those that tutorials give svg-captcha, with color, which a background
// turns on there. svg-captcha's own is larger (150x50, font size 56), has no background and draws from more characters.
func Defaults() Options {
	return Options{
		Size: 4, Width: 120, Height: 30, FontSize: 46, Noise: 1, Color: true, Background: "#F5F7FA",
		CharPreset: Unambiguous, MathMin: 1, MathMax: 99, MathOperator: "+",
	}
}

// alphabet returns the characters that pictures may show, each once.
func (o Options) alphabet() string {
	if o.Math {
		return "0123456789+-="
	}
	return without(o.CharPreset, strings.ToUpper(o.IgnoreChars)+strings.ToLower(o.IgnoreChars))
}

// without returns the characters of s that are not in ignored, each once.
func without(s, ignored string) string {
	var kept strings.Builder
	for _, r := range s {
		if !strings.ContainsRune(ignored+kept.String(), r) {
			kept.WriteRune(r)
		}
	}
	return kept.String()
}

// Validate reports every problem at once, joined with [errors.Join]; nil if the options can be drawn.
func (o Options) Validate() error {
	var problems []error
	check := func(ok bool, format string, args ...any) bool {
		if !ok {
			problems = append(problems, fmt.Errorf("captcha: "+format, args...))
		}
		return ok
	}
	within := func(name string, v, low, high int) bool {
		return check(low <= v && v <= high, "%s is %d: choose %d to %d", name, v, low, high)
	}

	sized := within("width", o.Width, 12, 2000)
	within("height", o.Height, 20, 1000)
	within("noise", o.Noise, 0, 10)
	check(o.FontSize >= 1 && o.FontSize <= 1000, "fontSize is %v: choose 1 to 1000", o.FontSize)
	if o.Background != "" {
		check(!o.Inverse, "inverse is for a transparent picture: leave background %q out, or inverse", o.Background)
		_, ok := parseColor(o.Background)
		check(ok, "background %q is not a valid color: write #rgb or #rrggbb", o.Background)
	}
	if o.Math {
		low, high := within("mathMin", o.MathMin, 0, 999), within("mathMax", o.MathMax, 0, 999)
		sized = sized && low && high
		ordered := o.MathMin < o.MathMax || !low || !high
		check(ordered, "mathMin %d is not below mathMax %d: choose 1 to 99", o.MathMin, o.MathMax)
		known := o.MathOperator == "+" || o.MathOperator == "-" || o.MathOperator == "+-"
		check(known, `mathOperator is %q: choose "+", "-" or "+-"`, o.MathOperator)
	} else {
		sized = within("size", o.Size, 1, 32) && sized
		unknown := without(o.CharPreset, AlphaNumeric)
		check(unknown == "", "charPreset %q has a character other than A-Z, a-z, 0-9: leave it out", o.CharPreset)
		distinct := without(strings.ToUpper(o.alphabet()), "")
		check(len(distinct) >= 2, "charPreset %q without ignoreChars %q leaves fewer than 2 characters: ignore fewer",
			o.CharPreset, o.IgnoreChars)
	}
	longest := o.Size
	if o.Math {
		longest = 2*len(strconv.Itoa(o.MathMax)) + len("+=")
	}
	need := 12 * longest
	check(!sized || o.Width >= need, "width %d is too narrow for %d characters: at least %d, or fewer characters",
		o.Width, longest, need)
	return errors.Join(problems...)
}
