package captcha

import "strings"

// maxAnswer bounds the bytes of an answer that are looked at; longer ones are simply wrong.
const maxAnswer = 128

// lookAlikes are groups of characters that people mix up when they read.
var lookAlikes = [...]string{"0O", "1IL", "2Z", "5S", "6G", "8B"}

// folder brings answers into one form before they are compared.
type folder struct {
	instead [128]byte // what to read for an ASCII character
}

// newFolder prepares for the characters that pictures show. A look-alike that no picture shows
// is read as the one member of its group that pictures do show.
func newFolder(alphabet string) *folder {
	f := new(folder)
	for c := range f.instead {
		f.instead[c] = byte(c)
	}
	shown := folded(alphabet)
	for _, group := range lookAlikes {
		var members string
		for _, c := range group {
			if strings.ContainsRune(shown, c) {
				members += string(c)
			}
		}
		if len(members) != 1 {
			continue
		}
		for _, c := range group {
			f.instead[c] = members[0]
		}
	}
	return f
}

// fold drops white space, folds case, reads full-width forms (as East Asian input methods write them) as ASCII and
// look-alikes as the character shown. It returns "" for what is empty, and what no picture shows for what is too long.
func (f *folder) fold(answer string) string {
	if len(answer) > maxAnswer {
		return "\x00" // wrong, but not empty: it costs a try
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\u00a0' || r == '\u3000':
			return -1
		case '\uff01' <= r && r <= '\uff5e':
			r -= '\uff01' - '!'
		case r == '\u2212':
			r = '-'
		}
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		if r < 128 {
			return rune(f.instead[r])
		}
		return r
	}, answer)
}
