package ask

import (
	"regexp"
	"unicode/utf8"
)

const (
	ctrlC     = 0x03
	ctrlD     = 0x04
	escape    = 0x1b
	backspace = 0x7f
)

// cursorReport is how a terminal says where its cursor stands (ECMA-48, CPR).
var cursorReport = regexp.MustCompile(`\x1b\[\d+;\d+R`)

// nextKey cuts the first key from what a terminal sent. whole is false when
// more bytes are needed. key is empty for a key that survey would
// misread or that means nothing in a line: it is to be dropped.
func nextKey(b []byte) (key, rest []byte, whole bool) {
	if len(b) == 0 {
		return nil, b, false
	}
	if b[0] != escape {
		if !utf8.FullRune(b) {
			return nil, b, false
		}
		r, n := utf8.DecodeRune(b)
		if r == 0 || r == utf8.RuneError && n == 1 {
			return nil, b[n:], true
		}
		return b[:n], b[n:], true
	}
	if len(b) == 1 {
		return nil, b, false
	}
	switch b[1] {
	case 'O': // SS3: one final byte
		if len(b) < 3 {
			return nil, b, false
		}
		if b[2] < 0x20 || b[2] > 0x7e {
			return nil, b[2:], true
		}
		return plainKey(b[2], nil), b[3:], true
	case '[': // CSI: parameter and intermediate bytes, then a final byte
		for i := 2; i < len(b); i++ {
			if b[i] >= 0x40 && b[i] <= 0x7e {
				return plainKey(b[i], b[2:i]), b[i+1:], true
			}
			if b[i] < 0x20 || b[i] > 0x7e { // cut short by another key
				return nil, b[i:], true
			}
		}
		return nil, b, false
	case escape, ctrlC, ctrlD:
		return nil, b[1:], true
	}
	// Alt with a key.
	_, n := utf8.DecodeRune(b[1:])
	return nil, b[1+n:], true
}

// plainKey is the short form of a control sequence, the only one that survey
// reads right; a modifier (Ctrl-Left) is left out. A cursor report that came
// too late, and every key that a line has no use for, is empty.
func plainKey(final byte, params []byte) []byte {
	switch final {
	case 'A', 'B', 'C', 'D', 'F', 'H':
		return []byte{escape, '[', final}
	case '~':
		switch string(params) {
		case "1", "7":
			return []byte("\x1b[H")
		case "4", "8":
			return []byte("\x1b[F")
		case "3":
			return []byte("\x1b[3~")
		}
	}
	return nil
}
