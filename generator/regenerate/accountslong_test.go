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

// The tests of a project pass after what its README invites to: another migration, and other subjects of the mails.
func TestAccountsAsTheOwnerLikes(t *testing.T) {
	dir := sample(t, engine(), "store", "sqlite", "accounts", "table", "magicLink", "true", "tests", "all")
	mails, err := filepath.Glob(filepath.Join(dir, "internal/account/mails/*.txt"))
	if err != nil || len(mails) < 8 {
		t.Fatalf("mails %q, %v", mails, err)
	}
	for _, mail := range mails {
		name, err := filepath.Rel(dir, mail)
		if err != nil {
			t.Fatal(err)
		}
		edit(t, dir, name, "Subject: ", "Subject: Shop: ")
	}
	write(t, dir, "internal/account/migrations/0002_nickname.sql", "ALTER TABLE users ADD COLUMN nickname TEXT;\n")
	tests := exec.Command("go", "test", "./internal/account/...", "./internal/web")
	tests.Dir = dir
	if out, err := tests.CombinedOutput(); err != nil {
		t.Errorf("go test: %v\n%s", err, out)
	}
}
