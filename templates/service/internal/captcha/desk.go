package captcha

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Errors of [Desk.Verify]. None of them, and no other error of this package, holds an answer.
var (
	// ErrNone: nothing is pending, or only for another purpose. Fetch a picture first.
	ErrNone = errors.New("captcha: nothing pending: fetch a picture first")
	// ErrExpired: the picture is too old. Fetch a new one.
	ErrExpired = errors.New("captcha: expired: fetch a new picture")
	// ErrUsed: the picture was answered before, or its tries have run out. Fetch a new one.
	ErrUsed = errors.New("captcha: used up: fetch a new picture")
	// ErrWrong matches every *WrongError with errors.Is.
	ErrWrong = errors.New("captcha: wrong answer")
)

// WrongError says that the answer was wrong and how many tries are left. At 0 the picture is
// used up. errors.Is(err, ErrWrong) holds.
type WrongError struct{ Left int }

func (e *WrongError) Error() string {
	return fmt.Sprintf("captcha: wrong answer: %d tries left", e.Left)
}
func (e *WrongError) Unwrap() error { return ErrWrong }

// Ledger remembers the tries made at each picture, and which pictures are used. The session store serves.
type Ledger interface {
	// Find returns the data under key; not found if absent or expired.
	Find(ctx context.Context, key string) (data []byte, found bool, err error)
	// Swap replaces old by new if old is what the store holds, in one step; old == nil stands for an absent key.
	Swap(ctx context.Context, key string, old, new []byte, expiry time.Time) (swapped bool, err error)
}

// Pending is the server's half of a picture that was handed out. It belongs into the visitor's session, on the
// server or sealed in an encrypted cookie, never into anything the visitor can read. The zero value means none.
// Printing or logging it hides the answer; encoding it as JSON does not, since a session must keep it.
type Pending struct {
	ID      string    `json:"i,omitempty"`
	Answer  string    `json:"a,omitempty"`
	Purpose string    `json:"p,omitempty"`
	Expires time.Time `json:"e,omitzero"`
}

// String hides the answer.
func (p Pending) String() string {
	return fmt.Sprintf("captcha.Pending{purpose %q, expires %s}", p.Purpose, p.Expires.UTC().Format(time.RFC3339))
}

// GoString and LogValue hide it from %#v and from slog.
func (p Pending) GoString() string     { return p.String() }
func (p Pending) LogValue() slog.Value { return slog.StringValue(p.String()) }

// DeskOptions of [NewDesk]; the zero value is usable.
type DeskOptions struct {
	// TTL is how long a picture can be answered. Default (0 or less) 5 minutes.
	TTL time.Duration
	// Tries is the number of answers a picture takes before it is used up. Default (0 or less) 3; at most 100.
	Tries int
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Desk hands out pictures and takes answers. It is safe for concurrent use, and several desks, in several
// processes, may share one ledger.
type Desk struct {
	generator *Generator
	ledger    Ledger
	ttl       time.Duration
	tries     int
	now       func() time.Time
}

// NewDesk returns a desk that draws with g and counts in ledger.
func NewDesk(g *Generator, ledger Ledger, o DeskOptions) *Desk {
	d := &Desk{generator: g, ledger: ledger, ttl: 5 * time.Minute, tries: 3, now: time.Now}
	if o.TTL > 0 {
		d.ttl = o.TTL
	}
	if o.Tries > 0 {
		d.tries = min(o.Tries, 100)
	}
	if o.Now != nil {
		d.now = o.Now
	}
	return d
}

// Issue draws a picture for one purpose, such as "login". Keep the Pending in the visitor's session, in place of
// an older one, and send only the SVG. The ledger is not touched.
func (d *Desk) Issue(purpose string) (Pending, []byte, error) {
	text, svg := d.generator.Create()
	var id [16]byte
	rand.Read(id[:]) // never fails (crypto/rand)
	return Pending{
		ID:      base64.RawURLEncoding.EncodeToString(id[:]),
		Answer:  d.generator.fold(text),
		Purpose: purpose,
		Expires: d.now().Add(d.ttl).Truncate(time.Second),
	}, svg, nil
}

const (
	ledgerSlack = time.Minute // past a picture's expiry, for instances whose clocks differ
	usedMark    = 0xff        // a ledger entry; else it is the number of wrong tries, as one byte
)

// Verify takes one answer. It returns nil exactly once for a picture, however many right answers arrive at the same
// time at any desk on the same ledger; call it last before the action it protects. Otherwise the error is ErrNone,
// ErrExpired, ErrUsed, a *WrongError, or the ledger's own. A wrong answer costs a try; an empty one does not,
// and is never right.
func (d *Desk) Verify(ctx context.Context, p Pending, purpose, answer string) error {
	if p.ID == "" || p.Answer == "" || p.Purpose != purpose {
		return ErrNone
	}
	if !d.now().Before(p.Expires) {
		return ErrExpired
	}
	key := ledgerKey("captcha", p.ID)
	given := d.generator.fold(answer)
	right := subtle.ConstantTimeCompare([]byte(given), []byte(p.Answer)) == 1

	// Each lost swap means that another request took a step, and a picture has only so many.
	for round := range d.tries + 3 {
		wrong := 0
		var old []byte // the entry; nil while there is none
		if round > 0 || !right {
			var err error
			if old, wrong, err = d.wrongTries(ctx, key); err != nil {
				return err
			}
		} // else it is most likely the first answer: one round trip to the ledger, without reading first
		if wrong >= d.tries {
			return ErrUsed
		}
		if given == "" {
			return &WrongError{Left: d.tries - wrong}
		}
		next := byte(wrong + 1)
		if right {
			next = usedMark
		}
		swapped, err := d.ledger.Swap(ctx, key, old, []byte{next}, p.Expires.Add(ledgerSlack))
		switch {
		case err != nil:
			return fmt.Errorf("captcha: write ledger: %w", err)
		case swapped && right:
			return nil
		case swapped:
			return &WrongError{Left: d.tries - wrong - 1}
		}
	}
	return ErrUsed
}

// wrongTries reads how many wrong answers a picture had; a used one had usedMark, more than there are tries.
func (d *Desk) wrongTries(ctx context.Context, key string) (entry []byte, wrong int, err error) {
	entry, found, err := d.ledger.Find(ctx, key)
	switch {
	case err != nil:
		return nil, 0, fmt.Errorf("captcha: read ledger: %w", err)
	case !found:
		return nil, 0, nil
	case len(entry) != 1: // not ours, or damaged: refuse
		return nil, usedMark, nil
	}
	return entry, int(entry[0]), nil
}

// ledgerKey names an entry: hashed, so that a store's key never is something that a visitor sent or holds.
func ledgerKey(kind, id string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + id))
	return kind + ":" + base64.RawURLEncoding.EncodeToString(sum[:])
}
