package captcha

import (
	"encoding/binary"
	"strconv"
)

// numbers holds the text of the integers from -n to n with a separator in front: " 12", and "-12", where the sign separates. The
// digits of a picture are random, so that formatting them one by one would cost a mispredicted branch each; copying
// eight bytes at once does not.
type numbers []uint64

const (
	longestNumber = 8  // bytes that put writes, most of which count for nothing
	lengthBits    = 56 // an entry's topmost byte is its length
)

// newNumbers prepares for integers from -n to n, n at most 999999.
func newNumbers(n int) numbers {
	table := make(numbers, 2*n+1)
	for v := -n; v <= n; v++ {
		text := strconv.Itoa(v)
		if v >= 0 {
			text = " " + text
		}
		var word [longestNumber]byte
		copy(word[:], text)
		word[7] = byte(len(text))
		table[v+n] = binary.LittleEndian.Uint64(word[:])
	}
	return table
}

// put writes v with its separator and returns its length.
func (n numbers) put(b []byte, v int) int {
	word := n[v+len(n)/2]
	binary.LittleEndian.PutUint64(b, word)
	return int(word >> lengthBits)
}
