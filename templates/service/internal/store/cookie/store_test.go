package cookie_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/cookie"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func open(t *testing.T, url string) *cookie.Store {
	t.Helper()
	store, err := cookie.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, "") })
}

func tokens(t *testing.T, name string, keys ...byte) session.Tokens {
	t.Helper()
	var secrets [][]byte
	for _, key := range keys {
		secrets = append(secrets, bytes.Repeat([]byte{key}, 32))
	}
	tokens, err := open(t, "").Tokens(name, secrets)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestTokens(t *testing.T) {
	id, record := storetest.NewKey(), []byte("ann, whose name is too long to come about by chance")
	old := tokens(t, "id", 7)
	token, err := old.Issue(id, "user:ann", record)
	if err != nil {
		t.Fatal(err)
	}
	if sealed, err := base64.RawURLEncoding.DecodeString(token); err != nil || bytes.Contains(sealed, record) {
		t.Errorf("the token is %q, %v, want base64url of what is encrypted", sealed, err)
	}
	if again, _ := old.Issue(id, "", record); again == token {
		t.Error("two tokens of one session are the same")
	}
	for name, test := range map[string]struct {
		tokens      session.Tokens
		current, ok bool
	}{
		"the same":       {old, true, true},
		"an older key":   {tokens(t, "id", 8, 7), false, true},
		"another key":    {tokens(t, "id", 8), false, false},
		"another cookie": {tokens(t, "sid", 7), false, false},
	} {
		gotID, user, got, current, ok := test.tokens.Open(token)
		if current != test.current || ok != test.ok || user != "" {
			t.Errorf("%s: Open = %q, current %v, ok %v", name, user, current, ok)
		}
		if ok && (gotID != id || !bytes.Equal(got, record)) || !ok && (gotID != "" || got != nil) {
			t.Errorf("%s: Open = %q, %q", name, gotID, got)
		}
	}
	for i := range token {
		forged := []byte(token)
		forged[i] ^= 1
		if _, _, _, _, ok := old.Open(string(forged)); ok {
			t.Errorf("Open took a token with character %d changed", i)
		}
	}
	for _, token := range []string{"", "A", token[:50], token + "A", strings.Repeat("A", 100_000)} {
		if _, _, _, _, ok := old.Open(token); ok {
			t.Errorf("Open took %.60q", token)
		}
	}
	if _, err := old.Issue("short", "", record); err == nil {
		t.Error("Issue took an id of other than 32 bytes")
	}
	if _, err := open(t, "").Tokens("id", nil); err == nil {
		t.Error("Tokens without a key gives no error")
	}
}

// Cookies that are out there stay good: this token is of an earlier version, and is not to be replaced.
func TestOldToken(t *testing.T) {
	const token = "AfyMcv9BNQhiZritO74ws-4tA1Wj64zcaGwJ-KlNOs1D2g6jk" +
		"pdHQdEchMQ6iuTH9uPLFUar9IctFf1PgT3ZPQOWC8rtz8Rl-uWPVu0Eze0"
	id, _, record, current, ok := tokens(t, "id", 7).Open(token)
	want := base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{1, 2, 3, 4}, 8))
	if id != want || string(record) != "record" || !current || !ok {
		t.Errorf("Open = %q, %q, %v, %v", id, record, current, ok)
	}
}

func TestTooLarge(t *testing.T) {
	tk := tokens(t, "id", 7)
	largest := 0
	for n := 2900; n < 3100; n++ {
		token, err := tk.Issue(storetest.NewKey(), "", make([]byte, n))
		if err == nil && len("id")+len(token) > 4096 {
			t.Fatalf("a record of %d bytes makes a cookie of %d", n, len("id")+len(token))
		}
		if err != nil && !errors.Is(err, session.ErrTooLarge) {
			t.Fatal(err)
		}
		if err == nil {
			largest = n
		}
	}
	if largest != 2996 {
		t.Errorf("the largest record has %d bytes, want 2996", largest)
	}
}

// A session is known only by its end, which is final.
func TestEnd(t *testing.T) {
	store, tk := open(t, ""), tokens(t, "id", 7)
	key, expiring := tk.Key(storetest.NewKey()), tk.Key(storetest.NewKey())
	if !strings.HasPrefix(key, "session:") || len(key) != len("session:")+43 {
		t.Errorf("Key = %q", key)
	}
	hour := time.Now().Add(time.Hour)
	swap := func(want []bool, changes ...session.Change) {
		t.Helper()
		if made, err := store.Swap(t.Context(), changes...); err != nil || !slices.Equal(made, want) {
			t.Errorf("Swap = %v, %v; want %v", made, err, want)
		}
	}
	ended := func(key string, want bool) {
		t.Helper()
		found, err := store.Find(t.Context(), key)
		if err != nil || (found[0] != nil) != want || len(found[0]) != 0 {
			t.Errorf("Find = %#v, %v; want an empty record: %v", found, err, want)
		}
	}
	swap([]bool{true, true},
		session.Change{Key: key, New: []byte("1"), Expiry: hour},
		session.Change{Key: key, Old: []byte("1"), New: []byte("2"), Expiry: hour})
	ended(key, false)
	swap([]bool{true}, session.Change{Key: key, Old: []byte("2")})
	ended(key, true)
	swap([]bool{false, false},
		session.Change{Key: key, Old: []byte("2")},
		session.Change{Key: key, Old: []byte("2"), New: []byte("3"), Expiry: hour})
	ended(key, true)

	// The end is kept until its expiry: then no cookie of the session is good any more.
	soon := time.Now().Add(300 * time.Millisecond)
	swap([]bool{true}, session.Change{Key: expiring, Old: []byte("1"), Expiry: soon})
	ended(expiring, true)
	time.Sleep(time.Until(soon.Add(2 * time.Millisecond)))
	ended(expiring, false)
	if n, err := store.Sweep(t.Context(), 10); n != 1 || err != nil {
		t.Errorf("Sweep = %d, %v, want 1", n, err)
	}
}

// A planned restart keeps the ends of sessions, and the other records, if the store is given a file.
func TestSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ended")
	store, key := open(t, path), tokens(t, "id", 7).Key(storetest.NewKey())
	storetest.MustPut(t, store, "stamp", []byte("12345678"), time.Now().Add(time.Hour))
	if _, err := store.Swap(t.Context(), session.Change{Key: key, Old: []byte("1")}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("snapshot: %v, %v", info, err)
	}
	damaged, _ := os.ReadFile(path)
	again := open(t, path)
	if store.Began().IsZero() || !again.Began().IsZero() {
		t.Errorf("Began = %v, and %v after the snapshot", store.Began(), again.Began())
	}
	found, err := again.Find(t.Context(), key, "stamp")
	if err != nil || found[0] == nil || string(found[1]) != "12345678" {
		t.Errorf("Find after a restart = %#v, %v", found, err)
	}
	damaged[20] ^= 1
	other := filepath.Join(t.TempDir(), "damaged")
	if err := os.WriteFile(other, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		other:                                    "remove the file",
		"redis://:geheim@127.0.0.1/0":            "another store",
		filepath.Join(t.TempDir(), "no", "file"): "make the directory",
	} {
		_, err := cookie.Open(t.Context(), url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("Open(%q) = %v, want %q and no password", url, err, want)
		}
	}
}

// A service that is killed while it waits for its last requests knows the ends from before the stop.
func TestSnapshotWhenTheStopBegins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ended")
	ctx, stop := context.WithCancel(t.Context())
	store, err := cookie.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	key := tokens(t, "id", 7).Key(storetest.NewKey())
	if _, err := store.Swap(t.Context(), session.Change{Key: key, Old: []byte("1")}); err != nil {
		t.Fatal(err)
	}
	stop()
	for range 1000 {
		if _, err := os.Stat(path); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if found, err := open(t, path).Find(t.Context(), key); err != nil || found[0] == nil {
		t.Errorf("Find after the kill = %#v, %v", found, err)
	}
}

// What a proxy may refuse is said in the log, once.
func TestLargeCookie(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	tk := tokens(t, "id", 7)
	for _, size := range []int{1000, 2000, 2800, 2900} {
		if _, err := tk.Issue(storetest.NewKey(), "", make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Count(log.String(), "proxy_buffer_size"), min(1, size/2800); got != want {
			t.Errorf("after a record of %d bytes: %d warnings, want %d:\n%s", size, got, want, &log)
		}
	}
}
