package textmerge

import "testing"

// FuzzDiff: the changed places and what is between them are the other text.
func FuzzDiff(f *testing.F) {
	f.Add("a\nb\nc\n", "b\nc\nd")
	f.Add("x\nx\ny\nx\n", "x\ny\nx\nx\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		la, lb := Split([]byte(a)), Split([]byte(b))
		ids := Intern(keys(la, Options{}), keys(lb, Options{}))
		at := 0
		var rebuilt []int
		for _, h := range Diff(ids[0], ids[1]) {
			rebuilt = append(rebuilt, ids[0][at:h.ALo]...)
			rebuilt = append(rebuilt, ids[1][h.BLo:h.BHi]...)
			at = h.AHi
		}
		rebuilt = append(rebuilt, ids[0][at:]...)
		if len(rebuilt) != len(ids[1]) {
			t.Fatalf("diff of %q and %q rebuilds %d lines, want %d", a, b, len(rebuilt), len(ids[1]))
		}
		for i := range rebuilt {
			if rebuilt[i] != ids[1][i] {
				t.Fatalf("diff of %q and %q rebuilds other lines", a, b)
			}
		}
	})
}
