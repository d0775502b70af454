package doctor

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine bounds what of a stranger's text is shown, in characters.
const maxLine = 300

// clean makes text of the service safe to show: control and format characters, among them the escape that steers
// terminals and the ones that reverse the direction of writing, and bytes that are not UTF-8 are spelled out.
func clean(s string) string {
	var b strings.Builder
	shown := 0
	for i := 0; i < len(s) && shown < maxLine; {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\t':
			b.WriteString(`\t`)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
		shown++
		if shown == maxLine && i < len(s) {
			b.WriteString("...")
		}
	}
	return b.String()
}
