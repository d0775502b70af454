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
)

// WrongError says that the answer was wrong and how many tries are left. At 0 the picture is used up.
type WrongError struct{ Left int }

func (e *WrongError) Error() string {
	return fmt.Sprintf("captcha: wrong answer: %d tries left", e.Left)
}

// Ledger remembers the tries made at each picture, and which pictures are used.
type Ledger interface {
	// Find returns the data under key; not found if absent or expired.
	Find(ctx context.Context, key string) (data []byte, found bool, err error)
	// Swap replaces old by new if old is what the store holds, in one step; old == nil stands for an absent key.
	Swap(ctx context.Context, key string, old, new []byte, expiry time.Time) (swapped bool, err error)
}

// Pending is the server's half of a picture that was handed out. It belongs in the visitor's session, on the
// server or sealed in an encrypted cookie, never into anything the visitor can read. The zero value means none.
// Printing or logging it hides the answer; encoding it as JSON does not, since a session must keep it.
type Pending struct {
	ID      string    `json:"i,omitempty"`
	Answer  string    `json:"a,omitempty"`
	Purpose string    `json:"p,omitempty"`
	Issued  time.Time `json:"t,omitzero"`
}

// String, GoString (for %#v) and LogValue (for slog) hide the answer.
func (p Pending) String() string       { return fmt.Sprintf("captcha.Pending{purpose %q}", p.Purpose) }
func (p Pending) GoString() string     { return p.String() }
func (p Pending) LogValue() slog.Value { return slog.StringValue(p.String()) }

// DeskOptions of [NewDesk]; the zero value is usable.
type DeskOptions struct {
	// TTL is how long a picture can be answered. Default (0 or less) 5 minutes.
	TTL time.Duration
	// Tries is the number of answers a picture takes before it is used up. Default (0 or less) 3; at most 100. A sum,
	// which is easier to guess, takes one.
	Tries int
	// Since is when the ledger began: it does not know whether older pictures are used, so none is accepted.
	Since time.Time
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Desk hands out pictures and takes answers. It is safe for concurrent use, and several desks, in several
// processes, may share one ledger.
type Desk struct {
	generator *Generator
	ledger    Ledger
	options   DeskOptions
}

// NewDesk returns a desk that draws with g and counts in ledger.
func NewDesk(g *Generator, ledger Ledger, o DeskOptions) *Desk {
	if o.TTL <= 0 {
		o.TTL = 5 * time.Minute
	}
	if o.Tries <= 0 {
		o.Tries = 3
	}
	o.Tries = min(o.Tries, 100)
	if g.options.Math {
		o.Tries = 1
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Desk{g, ledger, o}
}

// Issue draws a picture for one purpose, such as "login". Keep the Pending in the visitor's session, in place of
// an older one, and send only the SVG. The ledger is not touched.
func (d *Desk) Issue(purpose string) (Pending, []byte, error) {
	answer, svg := d.generator.Create()
	var id [16]byte
	rand.Read(id[:]) // never fails (crypto/rand)
	return Pending{
		ID:      base64.RawURLEncoding.EncodeToString(id[:]),
		Answer:  d.generator.fold(answer),
		Purpose: purpose,
		Issued:  d.options.Now().Truncate(time.Millisecond),
	}, svg, nil
}

const (
	// ledgerSlack keeps an entry longer than its picture, since the clocks of instances differ.
	ledgerSlack = time.Minute
	// usedMark is the entry for a used picture. Otherwise it is the number of wrong tries, as one byte.
	usedMark = 0xff
)

// Verify takes one answer. It returns nil exactly once for a picture, however many right answers arrive at the same
// time at any desk on the same ledger; call it last before the action it protects. Otherwise the error is ErrNone,
// ErrExpired, ErrUsed, a *WrongError, or the ledger's own. A wrong answer costs a try; an empty one does not,
// and is never right.
func (d *Desk) Verify(ctx context.Context, p Pending, purpose, answer string) error {
	if p.ID == "" || p.Answer == "" || p.Purpose != purpose {
		return ErrNone
	}
	expires := p.Issued.Add(d.options.TTL)
	if !d.options.Now().Before(expires) || p.Issued.Before(d.options.Since.Truncate(time.Millisecond)) {
		return ErrExpired
	}
	key := ledgerKey(p.ID)
	given := d.generator.fold(answer)
	// The time depends on the length alone, which the picture shows.
	right := subtle.ConstantTimeCompare([]byte(given), []byte(p.Answer)) == 1

	// Most pictures have no entry yet: assuming so saves the round trip that reads it. Each swap lost after the first
	// means that another request took a step, and a picture has only so many.
	var entry []byte
	wrong := 0
	for range d.options.Tries + 2 {
		if given != "" {
			next := byte(wrong + 1)
			if right {
				next = usedMark
			}
			swapped, err := d.ledger.Swap(ctx, key, entry, []byte{next}, expires.Add(ledgerSlack))
			switch {
			case err != nil:
				return fmt.Errorf("captcha: write ledger: %w", err)
			case swapped && right:
				return nil
			case swapped:
				return &WrongError{Left: d.options.Tries - wrong - 1}
			}
		}
		data, found, err := d.ledger.Find(ctx, key)
		switch {
		case err != nil:
			return fmt.Errorf("captcha: read ledger: %w", err)
		case !found:
			entry, wrong = nil, 0
		case len(data) != 1 || int(data[0]) >= d.options.Tries: // damaged, used, or out of tries
			return ErrUsed
		default:
			entry, wrong = data, int(data[0])
		}
		if given == "" {
			return &WrongError{Left: d.options.Tries - wrong}
		}
	}
	return ErrUsed
}

// ledgerKey names an entry: hashed, so that a store's key is never something that a visitor sent or holds.
func ledgerKey(id string) string {
	sum := sha256.Sum256([]byte("captcha\x00" + id))
	return "captcha:" + base64.RawURLEncoding.EncodeToString(sum[:])
}
