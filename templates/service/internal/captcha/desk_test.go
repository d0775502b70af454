package captcha_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

func newGenerator(t testing.TB, o captcha.Options) *captcha.Generator {
	t.Helper()
	g, err := captcha.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func issue(t testing.TB, d *captcha.Desk) captcha.Pending {
	t.Helper()
	p, svg, err := d.Issue("login")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(svg, []byte("<svg ")) {
		t.Fatalf("Issue returned %.20q, want an SVG", svg)
	}
	return p
}

const wrong = "000000"

func TestVerify(t *testing.T) {
	type world struct {
		desk   *captcha.Desk
		clock  *clock
		ledger *ledger
	}
	verify := func(w world, p captcha.Pending, answer string) error {
		return w.desk.Verify(context.Background(), p, "login", answer)
	}
	left := func(n int) func(error) bool {
		return func(err error) bool {
			var w *captcha.WrongError
			return errors.As(err, &w) && w.Left == n
		}
	}
	is := func(target error) func(error) bool {
		return func(err error) bool { return errors.Is(err, target) }
	}
	accepted := func(err error) bool { return err == nil }
	tests := []struct {
		name string
		last func(world, captcha.Pending) error
		want func(error) bool
	}{
		{"right", func(w world, p captcha.Pending) error { return verify(w, p, p.Answer) }, accepted},
		{"right in lower case with spaces", func(w world, p captcha.Pending) error {
			return verify(w, p, " "+strings.ToLower(p.Answer[:2])+" "+p.Answer[2:]+"\n")
		}, accepted},
		{"wrong once", func(w world, p captcha.Pending) error { return verify(w, p, wrong) }, left(2)},
		{"right at the third try", func(w world, p captcha.Pending) error {
			verify(w, p, wrong)
			verify(w, p, wrong)
			return verify(w, p, p.Answer)
		}, accepted},
		{"third wrong try", func(w world, p captcha.Pending) error {
			verify(w, p, wrong)
			verify(w, p, wrong)
			return verify(w, p, wrong)
		}, left(0)},
		{"right after three wrong tries", func(w world, p captcha.Pending) error {
			for range 3 {
				verify(w, p, wrong)
			}
			return verify(w, p, p.Answer)
		}, is(captcha.ErrUsed)},
		{"right twice", func(w world, p captcha.Pending) error {
			verify(w, p, p.Answer)
			return verify(w, p, p.Answer)
		}, is(captcha.ErrUsed)},
		{"wrong after right", func(w world, p captcha.Pending) error {
			verify(w, p, p.Answer)
			return verify(w, p, wrong)
		}, is(captcha.ErrUsed)},
		{"empty", func(w world, p captcha.Pending) error { return verify(w, p, "") }, left(3)},
		{"only spaces", func(w world, p captcha.Pending) error { return verify(w, p, " \t\n") }, left(3)},
		{"empty costs no try", func(w world, p captcha.Pending) error {
			for range 5 {
				verify(w, p, "")
			}
			return verify(w, p, p.Answer)
		}, accepted},
		{"far too long costs a try", func(w world, p captcha.Pending) error {
			return verify(w, p, strings.Repeat(p.Answer, 1000))
		}, left(2)},
		{
			"nothing pending",
			func(w world, p captcha.Pending) error { return verify(w, captcha.Pending{}, p.Answer) },
			is(captcha.ErrNone),
		},
		{
			"nothing pending, empty answer",
			func(w world, p captcha.Pending) error { return verify(w, captcha.Pending{}, "") },
			is(captcha.ErrNone),
		},
		{"pending without an answer", func(w world, p captcha.Pending) error {
			p.Answer = ""
			return verify(w, p, "")
		}, is(captcha.ErrNone)},
		{"another purpose", func(w world, p captcha.Pending) error {
			return w.desk.Verify(context.Background(), p, "register", p.Answer)
		}, is(captcha.ErrNone)},
		{"just in time", func(w world, p captcha.Pending) error {
			w.clock.advance(5*time.Minute - 1)
			return verify(w, p, p.Answer)
		}, accepted},
		{"expired", func(w world, p captcha.Pending) error {
			w.clock.advance(5 * time.Minute)
			return verify(w, p, p.Answer)
		}, is(captcha.ErrExpired)},
		{"drawn when the ledger began", func(w world, p captcha.Pending) error {
			d := captcha.NewDesk(newGenerator(t, captcha.Defaults()), w.ledger,
				captcha.DeskOptions{Now: w.clock.Now, Since: w.clock.Now()})
			return d.Verify(t.Context(), p, "login", p.Answer)
		}, accepted},
		{"drawn before the ledger began", func(w world, p captcha.Pending) error {
			d := captcha.NewDesk(newGenerator(t, captcha.Defaults()), w.ledger,
				captcha.DeskOptions{Now: w.clock.Now, Since: w.clock.Now().Add(time.Millisecond), TTL: time.Hour})
			return d.Verify(t.Context(), p, "login", p.Answer)
		}, is(captcha.ErrExpired)},
		{"ledger down", func(w world, p captcha.Pending) error {
			w.ledger.broken = true
			return verify(w, p, p.Answer)
		}, is(errBroken)},
		{"ledger entry damaged", func(w world, p captcha.Pending) error {
			verify(w, p, wrong)
			for key := range w.ledger.entries {
				w.ledger.entries[key] = []byte("junk")
			}
			return verify(w, p, p.Answer)
		}, is(captcha.ErrUsed)},
	}
	g := newGenerator(t, captcha.Defaults())
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := world{clock: newClock(), ledger: new(ledger)}
			w.desk = captcha.NewDesk(g, w.ledger, captcha.DeskOptions{Now: w.clock.Now})
			p := issue(t, w.desk)
			err := test.last(w, p)
			if !test.want(err) {
				t.Errorf("the last Verify returned %v", err)
			}
			if err != nil && strings.Contains(err.Error(), p.Answer) {
				t.Errorf("error %q gives the answer away", err)
			}
		})
	}
}

// TestVerifyRoundTrips counts what an answer costs at a store behind a network.
func TestVerifyRoundTrips(t *testing.T) {
	g := newGenerator(t, captcha.Defaults())
	for _, test := range []struct {
		name    string
		answers func(right string) []string
		want    int // of the last answer
	}{
		{"right", func(right string) []string { return []string{right} }, 1},
		{"wrong", func(string) []string { return []string{wrong} }, 1},
		{"right after wrong", func(right string) []string { return []string{wrong, right} }, 3},
		{"empty", func(string) []string { return []string{""} }, 1},
	} {
		l := new(ledger)
		d := captcha.NewDesk(g, l, captcha.DeskOptions{})
		p := issue(t, d)
		for _, answer := range test.answers(p.Answer) {
			l.calls = 0
			d.Verify(context.Background(), p, "login", answer)
		}
		if l.calls != test.want {
			t.Errorf("%s: %d calls to the ledger, want %d", test.name, l.calls, test.want)
		}
	}
}

// TestVerifyOneWinner sends right answers to two desks, as two instances on one store, at the same time, also after a
// wrong one.
func TestVerifyOneWinner(t *testing.T) {
	g := newGenerator(t, captcha.Defaults())
	for round := range 20 {
		shared := newCrowd(8, 7+round%2)
		desks := [2]*captcha.Desk{
			captcha.NewDesk(g, shared, captcha.DeskOptions{}),
			captcha.NewDesk(g, shared, captcha.DeskOptions{}),
		}
		p := issue(t, desks[0])
		if round%2 == 1 {
			captcha.NewDesk(g, &shared.ledger, captcha.DeskOptions{}).Verify(context.Background(), p, "login", wrong)
		}
		var winners, others atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				switch err := desks[i%2].Verify(context.Background(), p, "login", p.Answer); {
				case err == nil:
					winners.Add(1)
				case errors.Is(err, captcha.ErrUsed):
					others.Add(1)
				}
			})
		}
		wg.Wait()
		if winners.Load() != 1 || others.Load() != 7 {
			t.Fatalf(
				"of 8 right answers %d were accepted and %d were refused as used, want 1 and 7",
				winners.Load(),
				others.Load(),
			)
		}
	}
}

// TestVerifyCountsParallelTries holds that parallel guessing gives no more tries.
func TestVerifyCountsParallelTries(t *testing.T) {
	d := captcha.NewDesk(newGenerator(t, captcha.Defaults()), newCrowd(20, 19), captcha.DeskOptions{})
	p := issue(t, d)
	var counted atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			var w *captcha.WrongError
			if errors.As(d.Verify(context.Background(), p, "login", wrong), &w) {
				counted.Add(1)
			}
		})
	}
	wg.Wait()
	if counted.Load() != 3 {
		t.Errorf("%d of 20 parallel guesses were looked at, want 3", counted.Load())
	}
}

func TestVerifyFolds(t *testing.T) {
	tests := []struct {
		name, preset, shown, answer string
		right                       bool
	}{
		{"case", captcha.AlphaNumeric, "aBcD", "AbCd", true},
		{"digit for letter", "OKXY", "OKXO", "0kx0", true},
		{"letter for digit", "0KXY", "0KX0", "okxo", true},
		{"both in the preset stay apart", captcha.AlphaNumeric, "OKXO", "0KX0", false},
		{"full width", captcha.Unambiguous, "AC39", "ＡＣ３９", true},
		{"a slanted T as 7, an A as 4", "ATCD", "TACD", "74cd", true},
		{"three look-alikes", "LKXY", "LLKX", "1ikx", true},
		{"another letter", captcha.Unambiguous, "AC39", "AC36", false},
		{"a prefix", captcha.Unambiguous, "AC39", "AC3", false},
		{"more than asked", captcha.Unambiguous, "AC39", "AC39A", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := captcha.Defaults()
			o.CharPreset = test.preset
			d := captcha.NewDesk(newGenerator(t, o), new(ledger), captcha.DeskOptions{})
			p := issue(t, d)
			p.Answer = strings.ToUpper(test.shown) // as Issue would have written it
			err := d.Verify(context.Background(), p, "login", test.answer)
			if (err == nil) != test.right {
				t.Errorf("answer %q to %q: %v, want right = %v", test.answer, test.shown, err, test.right)
			}
		})
	}
}

// TestSecrets prints everything that holds an answer in every way that logs use.
func TestSecrets(t *testing.T) {
	p := captcha.Pending{ID: "some-id", Answer: "S3CRET", Purpose: "login", Issued: newClock().Now()}
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("x", "pending", p, "session", fmt.Sprint(struct{ Code captcha.Pending }{p}))
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "pending", p)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&log, verb+"\n", p)
	}
	if strings.Contains(log.String(), "S3CRET") {
		t.Errorf("the answer can be read in:\n%s", &log)
	}

	// A session keeps a Pending as JSON, and the zero one takes no room.
	text, _ := json.Marshal(captcha.Pending{})
	if string(text) != "{}" {
		t.Errorf("zero Pending in JSON is %s, want {}", text)
	}
	var back captcha.Pending
	text, _ = json.Marshal(p)
	if err := json.Unmarshal(text, &back); err != nil || back != p {
		t.Errorf("a Pending through JSON is %#v, %v", back, err)
	}
}

func FuzzVerify(f *testing.F) {
	for _, answer := range []string{"", " ", "CK39", "ck39", "\x00", "Ａ", "\xff\xfe", strings.Repeat("A", 200)} {
		f.Add(answer)
	}
	g := newGenerator(f, captcha.Defaults())
	f.Fuzz(func(t *testing.T, answer string) {
		d := captcha.NewDesk(g, new(ledger), captcha.DeskOptions{})
		p := issue(t, d)
		p.Answer = "CK39"
		err := d.Verify(context.Background(), p, "login", answer)
		if err == nil {
			// Whatever passes has each of the characters, in either case and width. None of these has a look-alike.
			for _, c := range p.Answer {
				if !strings.ContainsAny(
					answer,
					string(c)+strings.ToLower(string(c))+string(c+0xfee0)+string(c|0x20+0xfee0),
				) {
					t.Fatalf("answer %q passed for %q", answer, p.Answer)
				}
			}
		} else if w := new(captcha.WrongError); !errors.As(err, &w) {
			t.Fatalf("answer %q: %v", answer, err)
		}
	})
}
