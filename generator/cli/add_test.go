package cli

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/mount"
)

// TestMountTextNamesLogFatal: what an owner has to write is printed with the owner's own call, and log.Fatal skips the
// Close that is deferred before it.
func TestMountTextNamesLogFatal(t *testing.T) {
	t.Parallel()
	for call, want := range map[string]bool{
		"log.Fatal(%s)":   true,
		"log.Fatalln(%s)": true,
		"log.Print(%s)":   false,
		"err := %s":       false,
		"blog.Fatal(%s)":  false,
	} {
		serve := strings.Replace(call, "%s", `http.ListenAndServe(":80", sessions.Handler(mux))`, 1)
		text := mountText(&mount.Mount{Router: "net/http", File: "main.go", Edits: []mount.Edit{
			{Line: 9, Text: "\tsessions := web.MustOpen()\n\tdefer sessions.Close()\n"},
			{Line: 9, Remove: 1, Text: "\t" + serve + "\n"},
		}})
		if got := strings.Contains(text, "skips the deferred Close"); got != want {
			t.Errorf("%s: says that Close is skipped: %t, want %t:\n%s", call, got, want, text)
		}
	}
}
