package problem

import (
	"bytes"
	"slices"
	"strings"
)

// Nearest returns the first of the names with the fewest edits from word, in any case
// of letters, and "" if none is near: two edits at most, one for a word of up to four
// letters, where two count only if they swap letters.
func Nearest(word string, names []string) string {
	best, distance := "", 3
	for _, name := range names {
		n := editDistance(strings.ToLower(word), strings.ToLower(name))
		if n == 2 && len(word) <= 4 && !sameLetters(word, name) {
			continue // two edits make another word of so short a one: bash of tcsh
		}
		if n < distance {
			best, distance = name, n
		}
	}
	return best
}

// sameLetters reports whether two words differ in the order of their letters alone.
func sameLetters(a, b string) bool {
	x, y := []byte(strings.ToLower(a)), []byte(strings.ToLower(b))
	slices.Sort(x)
	slices.Sort(y)
	return bytes.Equal(x, y)
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
