// Package storetest is the conformance suite of the session stores. Whatever passes [Run] can stand behind the
// session manager:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) session.Store {
//			store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "sessions.db"))
//			if err != nil {
//				t.Fatal(err)
//			}
//			t.Cleanup(func() { store.Close() })
//			return store
//		})
//	}
//
// The optional abilities (session.Swapper, session.Toucher, session.Pinger, a Sweep method, io.Closer) are found by
// type assertion: a store that has one must get it right, a store without it is not asked.
//
// Every record has a random key, so the opened store may be empty or not, private or shared with other tests.
// The suite takes real time, about half a second, because a server's clock cannot be faked.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Sweeper is what a store offers that has to be told to forget expired records. Sweep removes at most limit of them
// and says how many; fewer than limit means that there is no more to do now. A store whose server expires records
// by itself answers 0.
type Sweeper interface {
	Sweep(ctx context.Context, limit int) (int, error)
}

// Run tests the store that open returns. Each subtest opens its own; open releases it with t.Cleanup. Two stores
// opened by one test may share their records or not.
func Run(t *testing.T, open func(t *testing.T) session.Store) {
	t.Helper()
	subtests := []struct {
		name string
		test func(t *testing.T, s session.Store)
	}{
		{"Find/unknown key", findUnknown},
		{"Commit/values", commitValues},
		{"Commit/keys", commitKeys},
		{"Commit/overwrite", commitOverwrite},
		{"Commit/past expiry deletes", commitPastExpiry},
		{"Commit/far expiry", commitFarExpiry},
		{"Commit/expires in time", commitExpires},
		{"Commit/expired record comes back", commitAfterExpiry},
		{"Delete", deleteRecord},
		{"Aliasing/passed bytes", aliasingPassed},
		{"Aliasing/returned bytes", aliasingReturned},
		{"Context", cancelledContext},
		{"Concurrency/own keys", concurrentOwnKeys},
		{"Concurrency/one key", concurrentOneKey},
		{"Close", closeTwice},
		{"Swap", swapTable},
		{"Swap/aliasing", swapAliasing},
		{"Swap/expired record", swapExpired},
		{"Swap/concurrent counter", swapCounter},
		{"Swap/concurrent create", swapCreate},
		{"Swap/concurrent consume", swapConsume},
		{"Touch", touch},
		{"Touch/expired record", touchExpired},
		{"Ping", ping},
		{"Sweep", sweep},
	}
	for _, st := range subtests {
		t.Run(st.name, func(t *testing.T) {
			t.Parallel()
			st.test(t, open(t))
		})
	}
}

// hour is far enough for every record that should live as long as the test.
func hour() time.Time { return time.Now().Add(time.Hour) }
