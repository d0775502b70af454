//go:build long

package regenerate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
)

// From the account of the environment to a table of users and back, and there once more: what the owner wrote stays,
// also in a mail that the project does without meanwhile, and the database is not touched.
func TestAccountsThereAndBack(t *testing.T) {
	g := engine()
	const routes, mail, migration = "internal/web/routes.go", "internal/account/mails/confirm.txt",
		"internal/account/migrations/0002_nickname.sql"
	dir := sample(t, g, "store", "sqlite", "captcha.enabled", "false")
	write(t, dir, "sessions.db", "the users")
	edit(t, dir, routes, "\treturn mux\n", "\tmux.Handle(\"GET /mine\", a.answer(a.getMe))\n\treturn mux\n")

	run(t, g, dir, changeset.Options{}, "accounts", "table", "magicLink", "true")
	edit(t, dir, mail, "Subject: ", "Subject: Shop: ")
	write(t, dir, migration, "ALTER TABLE users ADD COLUMN nickname TEXT;\n")
	run(t, g, dir, changeset.Options{}, "accounts", "env", "magicLink", "false")
	for name, want := range map[string]bool{"internal/account/env/env.go": true, "internal/account/account.go": false,
		"internal/web/accounts.go": false, "users.go": false, "password.go": true, mail: true, migration: true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("after the way back: %s: %v, want that it is there: %t", name, err, want)
		}
	}
	run(t, g, dir, changeset.Options{}, "accounts", "table")
	for name, want := range map[string]string{routes: "GET /mine", mail: "Subject: Shop: ", migration: "nickname",
		"sessions.db": "the users"} {
		if text := read(t, dir, name); !strings.Contains(text, want) {
			t.Errorf("%s lost %q:\n%s", name, want, text)
		}
	}
	vet := exec.Command("go", "vet", "./...")
	vet.Dir = dir
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}
