package captcha_test

import (
	"math"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*captcha.Options)
		want   []string // parts of the message; none: accepted
	}{
		{"defaults", func(o *captcha.Options) {}, nil},
		{"no noise", func(o *captcha.Options) { o.Noise = 0 }, nil},
		{"svg-captcha's preset", func(o *captcha.Options) { o.CharPreset = captcha.AlphaNumeric }, nil},
		{
			"ignored look-alikes",
			func(o *captcha.Options) { o.CharPreset, o.IgnoreChars = captcha.AlphaNumeric, "0o1iIl" },
			nil,
		},
		{"ignored characters that are not there", func(o *captcha.Options) { o.IgnoreChars = "é\"<" }, nil},
		{"short background", func(o *captcha.Options) { o.Background = "#abc" }, nil},
		{"long background", func(o *captcha.Options) { o.Background = "#F5F7FA" }, nil},
		{"size 0", func(o *captcha.Options) { o.Size = 0 }, []string{"size is 0: choose 1 to 32"}},
		{"negative size", func(o *captcha.Options) { o.Size = -1 }, []string{"size is -1"}},
		{"huge size", func(o *captcha.Options) { o.Size = 100000 }, []string{"size is 100000"}},
		{
			"negative width and height",
			func(o *captcha.Options) { o.Width, o.Height = -120, -30 },
			[]string{"width is -120", "height is -30"},
		},
		{
			"huge picture",
			func(o *captcha.Options) { o.Width, o.Height = 1e9, 1e9 },
			[]string{"width is 1000000000", "height is"},
		},
		{
			"too narrow",
			func(o *captcha.Options) { o.Size, o.Width = 20, 120 },
			[]string{"width 120 is too narrow for 20 characters: at least 240"},
		},
		{"negative noise", func(o *captcha.Options) { o.Noise = -1 }, []string{"noise is -1: choose 0 to 10"}},
		{"fontSize 0", func(o *captcha.Options) { o.FontSize = 0 }, []string{"fontSize is 0"}},
		{"fontSize NaN", func(o *captcha.Options) { o.FontSize = math.NaN() }, []string{"fontSize is NaN"}},
		{"fontSize infinite", func(o *captcha.Options) { o.FontSize = math.Inf(1) }, []string{"fontSize is +Inf"}},
		{
			"color name",
			func(o *captcha.Options) { o.Background = "white" },
			[]string{`background "white" is not a valid color: write #rgb or #rrggbb`},
		},
		{"bad digit", func(o *captcha.Options) { o.Background = "#12345g" }, []string{"is not a valid color"}},
		{
			"markup as background",
			func(o *captcha.Options) { o.Background = `red"/><script>` },
			[]string{"is not a valid color"},
		},
		{
			"markup of the right length",
			func(o *captcha.Options) { o.Background = `#"><a>"` },
			[]string{"is not a valid color"},
		},
		{
			"everything ignored",
			func(o *captcha.Options) { o.IgnoreChars = o.CharPreset },
			[]string{"leaves fewer than 2 characters"},
		},
		{
			"one character in two cases",
			func(o *captcha.Options) { o.CharPreset = "aA" },
			[]string{"leaves fewer than 2 characters"},
		},
		{
			"everything ignored in the other case",
			func(o *captcha.Options) { o.IgnoreChars = strings.ToLower(o.CharPreset) },
			[]string{"leaves fewer than 2 characters"},
		},
		{
			"inverse on a background",
			func(o *captcha.Options) { o.Inverse = true },
			[]string{`inverse is for a transparent picture: leave background "#F5F7FA" out`},
		},
		{"inverse", func(o *captcha.Options) { o.Inverse, o.Background = true, "" }, nil},
		{"no preset", func(o *captcha.Options) { o.CharPreset = "" }, []string{"leaves fewer than 2 characters"}},
		{
			"character without outline",
			func(o *captcha.Options) { o.CharPreset = "ABCÉ" },
			[]string{`charPreset "ABCÉ" has a character other than`},
		},
		{"math", func(o *captcha.Options) { o.Math = true }, nil},
		{"math ignores the text options", func(o *captcha.Options) { o.Math, o.Size, o.CharPreset = true, 0, "" }, nil},
		{
			"mathMin above mathMax",
			func(o *captcha.Options) { o.Math, o.MathMin, o.MathMax = true, 9, 1 },
			[]string{"mathMin 9 is not below mathMax 1"},
		},
		{
			"one operand",
			func(o *captcha.Options) { o.Math, o.MathMin, o.MathMax = true, 9, 9 },
			[]string{"mathMin 9 is not below mathMax 9"},
		},
		{
			"math out of range",
			func(o *captcha.Options) { o.Math, o.MathMin, o.MathMax = true, -1, 1000 },
			[]string{"mathMin is -1", "mathMax is 1000"},
		},
		{
			"math operator",
			func(o *captcha.Options) { o.Math, o.MathOperator = true, "*" },
			[]string{`mathOperator is "*"`},
		},
		{"all at once", func(o *captcha.Options) { *o = captcha.Options{Noise: 11, Background: "x"} }, []string{
			"size is 0", "width is 0", "height is 0", "noise is 11", "fontSize is 0", `background "x"`, "charPreset",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := captcha.Defaults()
			test.change(&o)
			_, err := captcha.New(o)
			if err == nil {
				if test.want != nil {
					t.Fatalf("New accepted %+v, want %q", o, test.want)
				}
				return
			}
			if test.want == nil {
				t.Fatalf("New(%+v): %v", o, err)
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("New: %q, want it to say %q", err, part)
				}
			}
		})
	}
}

// FuzzBackground holds that no background gets more into the picture than a color.
func FuzzBackground(f *testing.F) {
	for _, s := range []string{"", "#fff", "#F5F7FA", `red"/><script>`, "#\"><a>\"", "url(#x)", "#FFFFFFF"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, background string) {
		o := captcha.Defaults()
		o.Background = background
		g, err := captcha.New(o)
		if err != nil {
			return
		}
		_, svg := g.Create()
		picture := parseSVG(t, svg)
		if picture.Rect.Fill != background || strings.Trim(background, "#0123456789abcdefABCDEF") != "" {
			t.Errorf("background %q became %q, want a hex color that stays as it is", background, picture.Rect.Fill)
		}
	})
}
