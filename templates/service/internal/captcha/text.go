package captcha

import (
	"crypto/rand"
	"encoding/binary"
	"strconv"
)

// randomText returns n characters of the alphabet, which has at most 256, each as likely as any other: a random byte is left out
// when it falls into the incomplete last stretch of the alphabet's length.
func randomText(alphabet string, n int) string {
	even := 256 - 256%len(alphabet)
	text := make([]byte, 0, MaxSize)
	for len(text) < n {
		var random [16]byte
		rand.Read(random[:]) // never fails (crypto/rand)
		for _, b := range random {
			if len(text) < n && int(b) < even {
				text = append(text, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(text)
}

// randomSum returns what the picture shows and the result.
func (o Options) randomSum() (shown, result string) {
	operator := o.MathOperator
	if len(operator) == 2 {
		operator = operator[randomBelow(2):][:1]
	}
	a := o.MathMin + randomBelow(o.MathMax-o.MathMin+1)
	b := o.MathMin + randomBelow(o.MathMax-o.MathMin+1)
	if operator == "-" {
		a, b = max(a, b), min(a, b)
		return strconv.Itoa(a) + "-" + strconv.Itoa(b) + "=", strconv.Itoa(a - b)
	}
	return strconv.Itoa(a) + "+" + strconv.Itoa(b) + "=", strconv.Itoa(a + b)
}

// randomBelow returns an integer from 0 to n-1 without bias, n at most 2^32: four random bytes are drawn again
// when they fall into the incomplete last stretch of n values.
func randomBelow(n int) int {
	const all = 1 << 32
	for {
		var b [4]byte
		rand.Read(b[:]) // never fails (crypto/rand)
		if v := uint64(binary.BigEndian.Uint32(b[:])); v < all-all%uint64(n) {
			return int(v % uint64(n))
		}
	}
}
