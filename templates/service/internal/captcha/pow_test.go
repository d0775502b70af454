package captcha_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

var powKey = bytes.Repeat([]byte("k"), 32)

func newPoW(t testing.TB, l captcha.Ledger, o captcha.PoWOptions) *captcha.PoW {
	t.Helper()
	p, err := captcha.NewPoW(powKey, l, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// solution is a payload before it is encoded, with what tests change.
type solution struct {
	Algorithm string `json:"algorithm"`
	Challenge string `json:"challenge"`
	Number    int    `json:"number"`
	Salt      string `json:"salt"`
	Signature string `json:"signature"`
	Took      int    `json:"took"`
}

// solve does a browser's work.
func solve(t testing.TB, c captcha.PoWChallenge) solution {
	t.Helper()
	for n := 0; n <= c.MaxNumber; n++ {
		if sum := sha256.Sum256([]byte(c.Salt + strconv.Itoa(n))); hex.EncodeToString(sum[:]) == c.Challenge {
			return solution{c.Algorithm, c.Challenge, n, c.Salt, c.Signature, 12}
		}
	}
	t.Fatalf("no number from 0 to %d solves %+v", c.MaxNumber, c)
	return solution{}
}

func (s solution) payload() string {
	text, _ := json.Marshal(s) // strings and ints cannot fail
	return base64.StdEncoding.EncodeToString(text)
}

func TestPoWVerify(t *testing.T) {
	tests := []struct {
		name   string
		change func(*solution)
		later  time.Duration
		want   error
	}{
		{"solved", func(*solution) {}, 0, nil},
		{"just in time", func(*solution) {}, 5*time.Minute - time.Second, nil},
		{"expired", func(*solution) {}, 5 * time.Minute, captcha.ErrPoWExpired},
		{"another number", func(s *solution) { s.Number++ }, 0, captcha.ErrPayload},
		{"negative number", func(s *solution) { s.Number = -1 }, 0, captcha.ErrPayload},
		{"another algorithm", func(s *solution) { s.Algorithm = "SHA-1" }, 0, captcha.ErrPayload},
		{"no signature", func(s *solution) { s.Signature = "" }, 0, captcha.ErrPayload},
		{"another signature", func(s *solution) { s.Signature = strings.Repeat("0", 64) }, 0, captcha.ErrPayload},
		{
			"later expiry in the salt",
			func(s *solution) { s.Salt = strings.Replace(s.Salt, "expires=1", "expires=2", 1) },
			0,
			captcha.ErrPayload,
		},
		{"own challenge without the key", func(s *solution) {
			s.Salt, s.Number = "aa?expires=9999999999&purpose=login&", 1
			sum := sha256.Sum256([]byte(s.Salt + "1"))
			s.Challenge = hex.EncodeToString(sum[:])
		}, 0, captcha.ErrPayload},
		// ALTCHA's advisory of December 2025: digits moved from the number to the salt give the same hash.
		{"number spliced into the salt", func(s *solution) {
			digits := strconv.Itoa(s.Number)
			s.Salt += digits[:1]
			s.Number, _ = strconv.Atoi(digits[1:])
		}, 0, captcha.ErrPayload},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newClock()
			p := newPoW(t, new(ledger), captcha.PoWOptions{MaxNumber: 500, Purpose: "login", Now: c.Now})
			s := solve(t, p.Challenge())
			for s.Number < 100 || s.Number%100 < 10 { // so that splicing leaves a number without a leading zero
				s = solve(t, p.Challenge())
			}
			test.change(&s)
			c.advance(test.later)
			if err := p.Verify(context.Background(), s.payload()); !errors.Is(err, test.want) ||
				(err == nil) != (test.want == nil) {
				t.Errorf("Verify = %v, want %v", err, test.want)
			}
		})
	}
}

func TestPoWVerifyRefusesPayloads(t *testing.T) {
	p := newPoW(t, new(ledger), captcha.PoWOptions{MaxNumber: 10})
	for name, payload := range map[string]string{
		"empty":             "",
		"not base64":        "{}",
		"not JSON":          "AAAA",
		"null":              base64.StdEncoding.EncodeToString([]byte("null")),
		"an array":          base64.StdEncoding.EncodeToString([]byte("[]")),
		"number as text":    base64.StdEncoding.EncodeToString([]byte(`{"algorithm":"SHA-256","number":"1"}`)),
		"fraction":          base64.StdEncoding.EncodeToString([]byte(`{"algorithm":"SHA-256","number":1.5}`)),
		"more than we read": strings.Repeat("A", 1<<20),
	} {
		if err := p.Verify(context.Background(), payload); !errors.Is(err, captcha.ErrPayload) {
			t.Errorf("%s: Verify = %v, want ErrPayload", name, err)
		}
	}
}

// TestPoWOfAnEarlierLedger: what was solved before a restart may have been used, if the ledger did not outlive that.
func TestPoWOfAnEarlierLedger(t *testing.T) {
	c := newClock()
	payload := solve(t, newPoW(t, new(ledger), captcha.PoWOptions{MaxNumber: 10, Now: c.Now}).Challenge()).payload()
	for later, want := range map[time.Duration]error{0: nil, time.Second: captcha.ErrPoWExpired} {
		p := newPoW(t, new(ledger), captcha.PoWOptions{MaxNumber: 10, Now: c.Now, Since: c.Now().Add(later)})
		if err := p.Verify(t.Context(), payload); !errors.Is(err, want) {
			t.Errorf("%v before the ledger began: Verify = %v, want %v", later, err, want)
		}
	}
}

// TestPoWVerifyOnce sends one solution to two instances on one ledger at the same time.
func TestPoWVerifyOnce(t *testing.T) {
	shared := new(ledger)
	desks := [2]*captcha.PoW{
		newPoW(t, shared, captcha.PoWOptions{MaxNumber: 10}),
		newPoW(t, shared, captcha.PoWOptions{MaxNumber: 10}),
	}
	payload := solve(t, desks[0].Challenge()).payload()
	var accepted, used atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			switch err := desks[i%2].Verify(context.Background(), payload); {
			case err == nil:
				accepted.Add(1)
			case errors.Is(err, captcha.ErrPoWUsed):
				used.Add(1)
			}
		})
	}
	wg.Wait()
	if accepted.Load() != 1 || used.Load() != 7 {
		t.Errorf("one solution sent 8 times: %d accepted, %d used; want 1 and 7", accepted.Load(), used.Load())
	}
	shared.broken = true
	if err := desks[0].Verify(context.Background(), solve(t, desks[0].Challenge()).payload()); !errors.Is(
		err,
		errBroken,
	) {
		t.Errorf("with the ledger down: %v, want its error", err)
	}
}

func TestPoWPurpose(t *testing.T) {
	l := new(ledger)
	login := newPoW(t, l, captcha.PoWOptions{MaxNumber: 10, Purpose: "login"})
	for _, other := range []string{"", "register", "login&x=1"} {
		p := newPoW(t, l, captcha.PoWOptions{MaxNumber: 10, Purpose: other})
		if err := login.Verify(context.Background(), solve(t, p.Challenge()).payload()); !errors.Is(
			err,
			captcha.ErrPayload,
		) {
			t.Errorf("a challenge for %q was taken for login: %v", other, err)
		}
	}
}

func TestNewPoWRefuses(t *testing.T) {
	if _, err := captcha.NewPoW([]byte("short"), new(ledger), captcha.PoWOptions{}); err == nil ||
		strings.Contains(err.Error(), "short") {
		t.Errorf("a short key: %v, want an error without the key", err)
	}
	if _, err := captcha.NewPoW(powKey, new(ledger), captcha.PoWOptions{MaxNumber: 1e9}); err == nil {
		t.Error("a maximum that takes a browser hours is accepted")
	}
}

func FuzzPoWVerify(f *testing.F) {
	f.Add(solve(f, newPoW(f, new(ledger), captcha.PoWOptions{MaxNumber: 100}).Challenge()).payload())
	f.Add("")
	f.Add("bnVsbA==")
	f.Add(
		base64.StdEncoding.EncodeToString(
			[]byte(`{"algorithm":"SHA-256","challenge":"","number":-1,"salt":"?","signature":""}`),
		),
	)
	f.Fuzz(func(t *testing.T, payload string) {
		if newPoW(t, new(ledger), captcha.PoWOptions{}).Verify(context.Background(), payload) != nil {
			return
		}
		// Only what the key has signed, and whose hash is right, may pass. Each fuzzing process makes its own
		// challenges, so the check computes both again.
		text, err := base64.StdEncoding.DecodeString(payload)
		var s solution
		if err != nil || json.Unmarshal(text, &s) != nil {
			t.Fatalf("unreadable payload %q passed", payload)
		}
		sum := sha256.Sum256([]byte(s.Salt + strconv.Itoa(s.Number)))
		mac := hmac.New(sha256.New, powKey)
		mac.Write([]byte(s.Challenge))
		if hex.EncodeToString(sum[:]) != s.Challenge || hex.EncodeToString(mac.Sum(nil)) != s.Signature ||
			!strings.HasSuffix(s.Salt, "&") {
			t.Errorf("forged payload %q passed", payload)
		}
	})
}

func BenchmarkPoW(b *testing.B) {
	p := newPoW(b, new(ledger), captcha.PoWOptions{MaxNumber: 100})
	b.Run("challenge", func(b *testing.B) {
		for b.Loop() {
			p.Challenge()
		}
	})
	payload := solve(b, p.Challenge()).payload()
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			p.Verify(context.Background(), payload)
		}
	})
}
