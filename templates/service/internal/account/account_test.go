package account_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/account"
	"github.com/sessionseed/sessionseed/templates/service/internal/account/accounttest"
	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	store "github.com/sessionseed/sessionseed/templates/service/internal/store/sqlite"
)

const (
	ann    = "ann@example.com"
	bob    = "bob@example.com"
	phrase = "a horse and a battery"
)

func settings(url string) config.Config {
	return config.Config{PublicURL: "http://localhost:8080", StoreURL: url, Dev: true}
}

// users is a user table with these accounts, whose password is phrase.
func users(t *testing.T, emails ...string) *account.Accounts {
	t.Helper()
	a := accounttest.Open(t, settings(accounttest.URL(t)))
	for _, email := range emails {
		if err := a.Create(t.Context(), email, phrase); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// must stops the test at an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantErr fails the test unless err is the one that is wanted.
func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func login(t *testing.T, a *account.Accounts, email, password string) (string, error) {
	return a.Authenticate(t.Context(), email, password)
}

// TestStrangerRegisteredFirst: whoever registers an address of somebody else, before or after its owner, has no part in
// the account that its owner confirms.
func TestStrangerRegisteredFirst(t *testing.T) {
	for _, strangerFirst := range []bool{true, false} {
		a := users(t)
		register := func(password string) (token string) {
			must(t, a.Register(t.Context(), ann, password))
			return accounttest.Mailed(t, a, ann, "confirm")
		}
		var strangers, own string
		if strangerFirst {
			strangers, own = register("a password of a stranger"), register(phrase)
		} else {
			own, strangers = register(phrase), register("a password of a stranger")
		}
		if own == strangers || own == "" {
			t.Fatalf("tokens %q and %q, want two", own, strangers)
		}
		must(t, a.Confirm(t.Context(), own))
		wantErr(t, "the stranger's token afterwards", a.Confirm(t.Context(), strangers), account.ErrToken)
		_, err := login(t, a, ann, "a password of a stranger")
		wantErr(t, "the stranger's password", err, account.ErrRefused)
		_, err = login(t, a, ann, phrase)
		wantErr(t, "the owner's password", err, nil)

		// Whoever registers the address from now on changes nothing, and its owner learns of it.
		must(t, exec(a, `DELETE FROM mails`))
		must(t, a.Register(t.Context(), ann, "a password of a stranger"))
		mails, err := a.Outbox().Recent(t.Context(), 2)
		if err != nil || len(mails) != 1 || mails[0].To != ann {
			t.Errorf("mails of a registration that comes too late: %+v, %v, want one to %s", mails, err, ann)
		}
	}
}

// TestTokensWorkOnce: of many who show one token at once, one succeeds; of two resets of one account, one (OWASP Forgot
// Password; ASVS 6.5.1).
func TestTokensWorkOnce(t *testing.T) {
	a := users(t, ann)
	forgot := func() string {
		must(t, a.Forgot(t.Context(), ann))
		return accounttest.Mailed(t, a, ann, "reset")
	}
	different := func(other string) (token string) { // two mails of the same millisecond come in any order
		for token = other; token == other; {
			token = forgot()
		}
		return token
	}
	for _, name := range []string{"one token", "two tokens"} {
		one := different("")
		tokens := []string{one, one, one, one}
		if name == "two tokens" {
			tokens = []string{one, different(one)}
		}
		errs := make([]error, len(tokens))
		var all sync.WaitGroup
		for i, token := range tokens {
			all.Go(func() { _, errs[i] = a.Reset(context.Background(), token, fmt.Sprint("a new password ", i)) })
		}
		all.Wait()
		won := 0
		for i, err := range errs {
			if err != nil {
				wantErr(t, "a reset that came too late", err, account.ErrToken)
				continue
			}
			won++
			_, err := login(t, a, ann, fmt.Sprint("a new password ", i))
			wantErr(t, "the password of the reset that was made", err, nil)
		}
		if won != 1 {
			t.Errorf("%s: %d resets were made, want one", name, won)
		}
	}
}

// TestTokensEnd: what ends a token, besides its use.
func TestTokensEnd(t *testing.T) {
	for name, end := range map[string]func(a *account.Accounts, id, token string) error{
		"a new password": func(a *account.Accounts, id, _ string) error {
			return a.SetPassword(context.Background(), id, "quite another one")
		},
		"its time": func(a *account.Accounts, _, _ string) error {
			return exec(a, `UPDATE tokens SET expires = 1`)
		},
		"the end of the account": func(a *account.Accounts, id, _ string) error {
			return a.Delete(context.Background(), id)
		},
		"another purpose": func(a *account.Accounts, _, token string) error {
			if _, _, err := a.ConfirmEmail(context.Background(), token); !errors.Is(err, account.ErrToken) {
				return fmt.Errorf("a token for a reset confirms an address: %w", err)
			}
			if err := a.Confirm(context.Background(), token); !errors.Is(err, account.ErrToken) {
				return fmt.Errorf("a token for a reset confirms an account: %w", err)
			}
			return exec(a, `DELETE FROM tokens`)
		},
	} {
		a := users(t, ann)
		id, err := login(t, a, ann, phrase)
		must(t, err)
		must(t, a.Forgot(t.Context(), ann))
		token := accounttest.Mailed(t, a, ann, "reset")
		must(t, end(a, id, token))
		_, err = a.Reset(t.Context(), token, "a new password")
		wantErr(t, "reset after "+name, err, account.ErrToken)
	}
}

// TestTokenOutlivesAFault: a database that fails says nothing about the link, which works afterwards.
func TestTokenOutlivesAFault(t *testing.T) {
	a := users(t, ann)
	must(t, a.Forgot(t.Context(), ann))
	token := accounttest.Mailed(t, a, ann, "reset")
	must(t, exec(a, `ALTER TABLE users RENAME TO away`))
	if _, err := a.Reset(t.Context(), token, "a new password"); err == nil || errors.Is(err, account.ErrToken) {
		t.Errorf("reset without the table of users: %v, want the error of the database", err)
	}
	must(t, exec(a, `ALTER TABLE away RENAME TO users`))
	_, err := a.Reset(t.Context(), token, "a new password")
	wantErr(t, "reset with the table back", err, nil)
}

func exec(a *account.Accounts, statement string) error {
	_, err := a.DB().Exec(statement)
	return err
}

// TestTokensAreHashed: whoever reads the table of tokens can use none, and none can be guessed (ASVS 6.5.2, 6.5.3).
func TestTokensAreHashed(t *testing.T) {
	a := users(t, ann)
	must(t, a.Forgot(t.Context(), ann))
	token := accounttest.Mailed(t, a, ann, "reset")
	if len(token) != 43 { // 32 bytes in base64
		t.Errorf("the token %q is not one of 256 bits", token)
	}
	var cells string
	must(t, a.DB().QueryRow(`SELECT hash || purpose || user_id || email || address || password FROM tokens`).
		Scan(&cells))
	if strings.Contains(cells, token) {
		t.Error("the table holds the token itself")
	}
}

// TestEmailOfAnother: an address of somebody else cannot be taken, and whoever tries does not learn that it is used.
func TestEmailOfAnother(t *testing.T) {
	a := users(t, ann, bob)
	id, err := login(t, a, ann, phrase)
	must(t, err)
	must(t, a.ChangeEmail(t.Context(), id, bob))
	if token := accounttest.Mailed(t, a, bob, "email"); token != "" {
		t.Error("the other user got a link that gives the address away")
	}
	// Somebody else may have got the address while the mail was on its way.
	must(t, a.ChangeEmail(t.Context(), id, "new@example.com"))
	token := accounttest.Mailed(t, a, "new@example.com", "email")
	must(t, a.Create(t.Context(), "other@example.com", phrase))
	must(t, exec(a, `UPDATE users SET address = 'new@example.com' WHERE address = 'other@example.com'`))
	_, _, err = a.ConfirmEmail(t.Context(), token)
	wantErr(t, "an address that is taken by now", err, account.ErrToken)
	wantErr(t, "an address that is taken", a.Create(t.Context(), ann, phrase), account.ErrTaken)
}

// TestNobody: a change of what is not there is no success.
func TestNobody(t *testing.T) {
	wrong := config.Config{CORSOrigins: []string{"localhost:5173"}, Dev: true}
	_, err := account.New(wrong, func(string) string { return "" })
	must(t, err) // what is wrong with the origins is not said of FRONT_END_URL
	a := users(t, ann)
	id, _ := login(t, a, ann, phrase)
	must(t, a.Delete(t.Context(), id))
	wantErr(t, "a password", a.SetPassword(t.Context(), id, "quite another one"), account.ErrGone)
	wantErr(t, "an address", a.ChangeEmail(t.Context(), id, bob), account.ErrGone)
}

// TestLookAlikes: one address is one account however it is typed, others are others, and mails go to the stored one.
func TestLookAlikes(t *testing.T) {
	composed, decomposed := "jos\u00e9@ex\u00e4mple.com", "jose\u0301@exa\u0308mple.com"
	a := users(t, composed, "kim@kelvin.example")
	for typed, want := range map[string]bool{
		decomposed:                     true,
		"jos\u00e9@EX\u00c4MPLE.com":   true, // the case of the domain
		"Jos\u00e9@ex\u00e4mple.com":   false,
		"jose@ex\u00e4mple.com":        false,
		"j\u043es\u00e9@example.com":   false, // a Cyrillic o
		"kim@\u212aelvin.example":      true,  // the Kelvin sign is a K in NFC
		"k\u0131m@kelvin.example":      false, // a dotless i, which some make an I in upper case
		"kim@kelvin.example\u200b":     false,
		"\tkim@kelvin.example ":        true,
		"kim@kelvin.example' OR 1=1--": false,
	} {
		if _, err := login(t, a, typed, phrase); (err == nil) != want {
			t.Errorf("login as %q: %v, want %t", typed, err, want)
		}
	}
	must(t, a.Forgot(t.Context(), decomposed))
	must(t, a.Forgot(t.Context(), "kim@\u212aelvin.example"))
	for _, stored := range []string{composed, "kim@kelvin.example"} {
		if accounttest.Mailed(t, a, stored, "reset") == "" {
			t.Errorf("no mail went to %q, which is stored", stored)
		}
	}
}

// TestHostileText: text is text in every statement, and what would be two addresses or a header is none.
func TestHostileText(t *testing.T) {
	a := users(t, ann)
	for _, text := range []string{`'; DROP TABLE users; --`, `" OR ""="`, "$1", "\x00", "%", `\`, "a\x00b", "\xff"} {
		if _, err := login(t, a, text, text); !errors.Is(err, account.ErrRefused) {
			t.Errorf("login with %q: %v", text, err)
		}
		wantErr(t, "confirm", a.Confirm(t.Context(), text), account.ErrToken)
		if err := a.Verify(t.Context(), text, text); !errors.Is(err, account.ErrRefused) {
			t.Errorf("verify %q: %v", text, err)
		}
	}
	for _, email := range []string{"", "ann", "@example.com", "ann@", "a@b@example.com",
		"ann@example.com, bob@example.com",
		"Ann <ann@example.com>", "ann@example.com\r\nBcc: bob@example.com", `"a b"@example.com`, "ann@[127.0.0.1]",
		strings.Repeat("a", 250) + "@example.com", "ann@exa\x00mple.com"} {
		var unfit account.Unfit
		if err := a.Register(t.Context(), email, phrase); !errors.As(err, &unfit) {
			t.Errorf("register %q: %v, want that it is unfit", email, err)
		}
		if err := a.Forgot(t.Context(), email); !errors.As(err, &unfit) {
			t.Errorf("forgot %q: %v, want that it is unfit", email, err)
		}
	}
	must(t, a.Create(t.Context(), "o'brien+$1@example.com", phrase))
	_, err := login(t, a, "o'brien+$1@example.com", phrase)
	wantErr(t, "an address with a quote", err, nil)
}

// TestMigrate: many instances that start at once make the tables once, and a later start changes nothing.
func TestMigrate(t *testing.T) {
	url := accounttest.URL(t)
	errs, made := make([]error, 8), make([][]string, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			db, err := store.Database(context.Background(), url)
			if err == nil {
				defer db.Close()
				made[i], err = account.Migrate(context.Background(), db)
			}
			errs[i] = err
		})
	}
	all.Wait()
	must(t, errors.Join(errs...))
	if s := slices.Concat(made...); len(s) < 2 || len(slices.Compact(slices.Sorted(slices.Values(s)))) < len(s) {
		t.Errorf("steps made: %q, want each once", made)
	}
	a := accounttest.Open(t, settings(url))
	must(t, a.Create(t.Context(), ann, phrase))
	again := accounttest.Open(t, settings(url))
	_, err := login(t, again, ann, phrase)
	wantErr(t, "login after another start", err, nil)
	if steps, err := again.Migrate(t.Context()); err != nil || len(steps) > 0 {
		t.Errorf("steps of a later start: %q, %v", steps, err)
	}
}
