package doctor_test

import (
	"os"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/doctor"
)

// The page on lost sessions names every finding.
func TestPageNamesEveryFinding(t *testing.T) {
	page, err := os.ReadFile("../../docs/session-undefined.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range doctor.Codes() {
		if !strings.Contains(string(page), "`"+code+"`") {
			t.Errorf("docs/session-undefined.md does not name %s", code)
		}
	}
}
