package captcha

import (
	"encoding/binary"
	"strconv"
)

// numbers holds the text of small integers with a separator in front: " 12", and "-12", where the sign separates. The digits
// of a picture are random, so that formatting them one by one would cost a mispredicted branch each; copying
// eight bytes at once does not.
type numbers [2*numbersMax + 1]uint64

const (
	numbersMax = 999
	lengthBits = 56 // an entry's topmost byte is its length
)

func newNumbers() *numbers {
	n := new(numbers)
	for v := -numbersMax; v <= numbersMax; v++ {
		text := strconv.Itoa(v)
		if v >= 0 {
			text = " " + text
		}
		var word [8]byte
		copy(word[:], text)
		word[7] = byte(len(text))
		n[v+numbersMax] = binary.LittleEndian.Uint64(word[:])
	}
	return n
}

// append writes v with its separator.
func (n *numbers) append(b []byte, v int) []byte {
	if i := uint(v + numbersMax); i < uint(len(n)) {
		word := n[i]
		b = binary.LittleEndian.AppendUint64(b, word)
		return b[:len(b)-8+int(word>>lengthBits)]
	}
	if v >= 0 {
		b = append(b, ' ')
	}
	return strconv.AppendInt(b, int64(v), 10)
}
