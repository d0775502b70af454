package goedit

import "testing"

func TestImportsInOrder(t *testing.T) {
	for name, c := range map[string]struct {
		src  string
		want bool
	}{
		"none":             {"package p\n", true},
		"ascending":        {"package p\n\nimport (\n\t\"a\"\n\t\"b\"\n)\n", true},
		"descending":       {"package p\n\nimport (\n\t\"b\"\n\t\"a\"\n)\n", false},
		"named":            {"package p\n\nimport (\n\tz \"a\"\n\ty \"b\"\n)\n", true},
		"two blocks":       {"package p\n\nimport (\n\t\"b\"\n\n\t\"a\"\n)\n", true},
		"trailing comment": {"package p\n\nimport (\n\t\"a\" // why\n\t\"b\"\n)\n", false},
		"broken":           {"package", false},
	} {
		if got := ImportsInOrder([]byte(c.src)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
