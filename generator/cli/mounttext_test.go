package cli

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/mount"
)

// What is replaced is named with all its lines.
func TestMountTextOfSeveralLines(t *testing.T) {
	text := mountText(&mount.Mount{Router: "net/http", File: "main.go", Imports: []string{`"m/web"`},
		Edits: []mount.Edit{{Line: 14, Remove: 3, Text: "\tx\n"}, {Line: 20, Remove: 1, Text: "\ty\n"}}})
	for _, want := range []string{"in place of lines 14 to 16:", "in place of line 20:"} {
		if !strings.Contains(text, want) {
			t.Errorf("mountText lacks %q:\n%s", want, text)
		}
	}
}
