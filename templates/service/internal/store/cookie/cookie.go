// Package cookie keeps each session in its cookie, encrypted: no server-side record is needed to read one, any
// instance that knows the key can, and a restart ends none. What it cannot do:
//
//   - a session is limited to about 2900 bytes of data (4096 for the cookie);
//   - two requests that change one session at once are not merged: the browser keeps the later answer;
//   - a copied cookie outlives its logout elsewhere than on the instance that saw the logout, and there until a restart. Give
//     session.Config.Stamps a store that all instances share if that must not be.
//
// The records that the last point needs are kept in memory, bounded as [memory.Store] is.
package cookie

import (
	"context"
	"crypto/cipher"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
)

// Store is a session.Sealer whose Store methods work on the memory of this process.
type Store struct {
	*memory.Store
}

var (
	_ session.Store       = (*Store)(nil)
	_ session.Swapper     = (*Store)(nil)
	_ session.Toucher     = (*Store)(nil)
	_ session.Pinger      = (*Store)(nil)
	_ session.NonBlocking = (*Store)(nil)
	_ session.Sealer      = (*Store)(nil)
)

// Open returns a store. url is the path of a file that carries the small records over a planned restart, or "".
func Open(ctx context.Context, url string) (*Store, error) {
	records, err := memory.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	return &Store{Store: records}, nil
}

// AEAD implements session.Sealer with XAES-256-GCM.
func (s *Store) AEAD(key []byte) (cipher.AEAD, error) { return newXAES(key) }
