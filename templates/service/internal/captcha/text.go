package captcha

import (
	crand "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"strings"
)

// randomText returns what a new picture shows, and the answer. Each character is as likely as any other.
func (o Options) randomText(alphabet string) (shown, answer string) {
	below := rand.New(secretSource{}).IntN
	if !o.Math {
		text := make([]byte, o.Size)
		for i := range text {
			text[i] = alphabet[below(len(alphabet))]
		}
		return string(text), string(text)
	}
	operator := o.MathOperator[below(len(o.MathOperator))]
	a := o.MathMin + below(o.MathMax-o.MathMin+1)
	b := o.MathMin + below(o.MathMax-o.MathMin+1)
	result := a + b
	if operator == '-' {
		a, b = max(a, b), min(a, b)
		result = a - b
	}
	return strconv.Itoa(a) + string(operator) + strconv.Itoa(b) + "=", strconv.Itoa(result)
}

// secretSource makes math/rand/v2 draw from crypto/rand: numbers that nobody can guess, without bias.
type secretSource struct{}

func (secretSource) Uint64() uint64 {
	var b [8]byte
	crand.Read(b[:]) // never fails
	return binary.NativeEndian.Uint64(b[:])
}

// lookAlikes are groups of characters that people mix up when they read.
var lookAlikes = []string{"0O", "1IL", "2Z", "4A", "5S", "6G", "7T", "8B"}

// newFolder returns what brings answers into one form: upper case, no white space, full-width forms as ASCII, and a
// look-alike that no picture shows as the one of its group that pictures do show.
func newFolder(alphabet string) *strings.Replacer {
	pairs := []string{" ", "", "\t", "", "\n", "", "\r", "", "\u00a0", "", "\u3000", "", "\u2212", "-"}
	shown := strings.ToUpper(alphabet)
	for c := '!'; c <= '~'; c++ {
		read := strings.ToUpper(string(c))
		for _, group := range lookAlikes {
			if hidden := without(group, shown); strings.Contains(group, read) && len(hidden) == len(group)-1 {
				read = without(group, hidden)
			}
		}
		const fullWidth = '！' - '!'
		pairs = append(pairs, string(c), read, string(c+fullWidth), read)
	}
	return strings.NewReplacer(pairs...)
}

// fold prepares an answer to be compared. It returns "" for what is empty, and what no picture shows if it is too long.
func (g *Generator) fold(answer string) string {
	if len(answer) > 128 {
		return "\x00" // wrong, but not empty: it costs a try
	}
	return g.folder.Replace(answer)
}
