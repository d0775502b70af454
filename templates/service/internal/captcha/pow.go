package captcha

import (
	"bytes"
	"context"
	"crypto/hmac"
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Errors of [PoW.Verify].
var (
	// ErrPayload: the payload is malformed, forged, for another purpose, or no solution.
	ErrPayload = errors.New("captcha: proof of work not valid: fetch a new challenge")
	// ErrPoWExpired: the challenge is too old.
	ErrPoWExpired = errors.New("captcha: proof of work expired: fetch a new challenge")
	// ErrPoWUsed: the solution was accepted before.
	ErrPoWUsed = errors.New("captcha: proof of work already used: fetch a new challenge")
)

// Limits of proof of work.
const (
	minPoWKey     = 32        // bytes
	maxPoWNumber  = 5_000_000 // about a minute and a half in a browser
	maxPoWPayload = 2048      // bytes of base64; ALTCHA's own are about 500
)

const powAlgorithm = "SHA-256"

// PoWOptions of [NewPoW]; the zero value is usable.
type PoWOptions struct {
	// MaxNumber bounds the secret number, and so the work: half of it in hashes on average. Default (0 or less) 50000,
	// somewhat under a second in a browser; at most 5 million.
	MaxNumber int
	// TTL is how long a challenge can be answered. Default (0 or less) 5 minutes.
	TTL time.Duration
	// Since is when the ledger began: it does not know whether older challenges were solved, so none is accepted. It
	// counts in whole seconds, as challenges do.
	Since time.Time
	// Purpose binds challenges to one use, such as "login". Default "", bound to none.
	Purpose string
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// PoW hands out small computing tasks and checks their solutions, in the version 1 format of ALTCHA
// (https://altcha.org/docs/v2/), for visitors who cannot use a picture. ALTCHA's widgets 2.x (attribute challengeurl)
// and 3.x (attribute challenge) solve them; the newer format of 3.x is not offered. It is a toll and no test for a
// human: a program pays it easily, so rate limits apply to it as well. It keeps nothing but the used challenges, in
// the ledger, until they expire, and is safe for concurrent use.
type PoW struct {
	key     []byte
	ledger  Ledger
	max     int
	ttl     time.Duration
	since   time.Time
	purpose string
	now     func() time.Time
}

// PoWChallenge is a task as the browser gets it, in JSON: find the number from 0 to MaxNumber for which SHA-256 of
// Salt followed by the number in decimal is Challenge, in hexadecimal.
type PoWChallenge struct {
	Algorithm string `json:"algorithm"`
	Challenge string `json:"challenge"`
	MaxNumber int    `json:"maxNumber"`
	Salt      string `json:"salt"`
	Signature string `json:"signature"`
}

// NewPoW returns a desk for proofs of work. The key, of at least 32 bytes, signs the challenges: instances
// behind one address must share it, and it is used for nothing else.
func NewPoW(key []byte, ledger Ledger, o PoWOptions) (*PoW, error) {
	if len(key) < minPoWKey {
		return nil, fmt.Errorf("captcha: proof-of-work key has %d bytes: use at least %d random ones",
			len(key), minPoWKey)
	}
	if o.MaxNumber > maxPoWNumber {
		return nil, fmt.Errorf("captcha: proof-of-work maximum is %d: choose at most %d", o.MaxNumber, maxPoWNumber)
	}
	p := &PoW{
		key: bytes.Clone(key), ledger: ledger, max: 50_000, ttl: 5 * time.Minute, purpose: o.Purpose, now: time.Now,
		since: o.Since.Truncate(time.Second),
	}
	if o.MaxNumber > 0 {
		p.max = o.MaxNumber
	}
	if o.TTL > 0 {
		p.ttl = o.TTL
	}
	if o.Now != nil {
		p.now = o.Now
	}
	return p, nil
}

// Challenge returns a new task. Nothing is stored.
func (p *PoW) Challenge() PoWChallenge {
	var random [16]byte
	crand.Read(random[:]) // never fails (crypto/rand)
	parameters := url.Values{"expires": {strconv.FormatInt(p.now().Add(p.ttl).Unix(), 10)}}
	if p.purpose != "" {
		parameters.Set("purpose", p.purpose)
	}
	// The last "&" keeps digits from moving between salt and number, which would make a second challenge, with another
	// expiry, of the same hash (ALTCHA's advisory of December 2025).
	salt := hex.EncodeToString(random[:]) + "?" + parameters.Encode() + "&"
	challenge := powHash(salt, rand.New(secretSource{}).IntN(p.max+1))
	return PoWChallenge{
		Algorithm: powAlgorithm,
		Challenge: challenge,
		MaxNumber: p.max,
		Salt:      salt,
		Signature: p.sign(challenge),
	}
}

// Verify takes a solution, the base64 text that ALTCHA's widget puts into the form field "altcha". It returns nil
// exactly once for a challenge; otherwise ErrPayload, ErrPoWExpired, ErrPoWUsed, or the ledger's own error.
func (p *PoW) Verify(ctx context.Context, payload string) error {
	solution, err := parsePoW(payload)
	if err != nil {
		return err
	}
	// The signature first: all else in a forged payload is noise.
	if !hmac.Equal([]byte(p.sign(solution.Challenge)), []byte(solution.Signature)) {
		return ErrPayload
	}
	if !hmac.Equal([]byte(powHash(solution.Salt, solution.Number)), []byte(solution.Challenge)) {
		return ErrPayload
	}
	expires, purpose, ok := saltParameters(solution.Salt)
	if !ok || !hmac.Equal([]byte(purpose), []byte(p.purpose)) {
		return ErrPayload
	}
	if !p.now().Before(expires) || expires.Add(-p.ttl).Before(p.since) {
		return ErrPoWExpired
	}
	key := powLedgerKey(solution.Challenge)
	swapped, err := p.ledger.Swap(ctx, key, nil, []byte{usedMark}, expires.Add(ledgerSlack))
	switch {
	case err != nil:
		return fmt.Errorf("captcha: write ledger: %w", err)
	case !swapped:
		return ErrPoWUsed
	}
	return nil
}

// powSolution is what the browser sends back, after base64.
type powSolution struct {
	Algorithm string `json:"algorithm"`
	Challenge string `json:"challenge"`
	Number    int    `json:"number"`
	Salt      string `json:"salt"`
	Signature string `json:"signature"`
}

// parsePoW reads the base64 JSON of a solution. It refuses with ErrPayload whatever no widget would send. Members it
// does not know are ignored: widgets add the time they took.
func parsePoW(payload string) (powSolution, error) {
	const hexHash = 2 * sha256.Size
	var s powSolution
	if len(payload) > maxPoWPayload {
		return s, ErrPayload
	}
	text, err := base64.StdEncoding.Strict().DecodeString(payload)
	if err != nil {
		return s, ErrPayload
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return powSolution{}, ErrPayload
	}
	if s.Algorithm != powAlgorithm || s.Number < 0 || s.Number > maxPoWNumber ||
		len(s.Challenge) != hexHash || len(s.Signature) != hexHash {
		return powSolution{}, ErrPayload
	}
	return s, nil
}

// sign returns the HMAC-SHA-256 of a challenge in hexadecimal, as ALTCHA does.
func (p *PoW) sign(challenge string) string {
	mac := hmac.New(sha256.New, p.key)
	mac.Write([]byte(challenge))
	return hex.EncodeToString(mac.Sum(nil))
}

// powHash is the function to invert.
func powHash(salt string, number int) string {
	sum := sha256.Sum256([]byte(salt + strconv.Itoa(number)))
	return hex.EncodeToString(sum[:])
}

// powLedgerKey names the ledger's entry for a challenge: hashed, so that a store's key is never something that a
// visitor holds.
func powLedgerKey(challenge string) string {
	sum := sha256.Sum256([]byte("pow\x00" + challenge))
	return "pow:" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// saltParameters reads the signed parameters of a salt, "random?expires=...&purpose=...&".
func saltParameters(salt string) (expires time.Time, purpose string, ok bool) {
	_, query, found := strings.Cut(salt, "?")
	query, closed := strings.CutSuffix(query, "&")
	if !found || !closed {
		return time.Time{}, "", false
	}
	parameters, err := url.ParseQuery(query)
	if err != nil {
		return time.Time{}, "", false
	}
	seconds, err := strconv.ParseInt(parameters.Get("expires"), 10, 64)
	if err != nil {
		return time.Time{}, "", false
	}
	return time.Unix(seconds, 0), parameters.Get("purpose"), true
}
