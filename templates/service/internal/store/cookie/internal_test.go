package cookie

import (
	"bytes"
	"crypto/sha3"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// The vectors are those of the specification, https://c2sp.org/XAES-256-GCM, section "Test vectors".
func TestXAESVectors(t *testing.T) {
	tests := []struct {
		name, key, nonce, plaintext, aad, want string
	}{
		{"MSB(L) = 0", strings.Repeat("01", 32), "ABCDEFGHIJKLMNOPQRSTUVWX", "XAES-256-GCM", "",
			"ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
		{"MSB(L) = 1", strings.Repeat("03", 32), "ABCDEFGHIJKLMNOPQRSTUVWX", "XAES-256-GCM", "c2sp.org/XAES-256-GCM",
			"986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, _ := hex.DecodeString(tt.key)
			x, err := newXAES(key)
			if err != nil {
				t.Fatal(err)
			}
			got := x.seal(nil, []byte(tt.nonce), []byte(tt.plaintext), []byte(tt.aad))
			if hex.EncodeToString(got) != tt.want {
				t.Errorf("seal = %x, want %s", got, tt.want)
			}
			plain, err := x.open(nil, []byte(tt.nonce), got, []byte(tt.aad))
			if err != nil || string(plain) != tt.plaintext {
				t.Errorf("open = %q, %v; want %q", plain, err, tt.plaintext)
			}
		})
	}
}

// The accumulated vector covers random lengths of plaintext and data: 10,000 rounds, each of which is opened again.
func TestXAESAccumulated(t *testing.T) {
	s, d := sha3.NewSHAKE128(), sha3.NewSHAKE128()
	read := func(n int) []byte {
		b := make([]byte, n)
		s.Read(b)
		return b
	}
	for range 10_000 {
		key, nonce := read(32), read(24)
		plaintext := read(int(read(1)[0]))
		aad := read(int(read(1)[0]))
		x, err := newXAES(key)
		if err != nil {
			t.Fatal(err)
		}
		sealed := x.seal(nil, nonce, plaintext, aad)
		opened, err := x.open(nil, nonce, sealed, aad)
		if err != nil || !bytes.Equal(opened, plaintext) {
			t.Fatalf("open(seal(%x)) = %x, %v", plaintext, opened, err)
		}
		d.Write(sealed)
	}
	got := make([]byte, 32)
	d.Read(got)
	if want := "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939"; hex.EncodeToString(got) != want {
		t.Errorf("accumulated = %x, want %s", got, want)
	}
}

func TestXAESRefuses(t *testing.T) {
	if _, err := newXAES(make([]byte, 16)); err == nil {
		t.Error("newXAES took a key of 16 bytes")
	}
	x, err := newXAES(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	sealed := x.seal(nil, make([]byte, 24), []byte("text"), nil)
	for i := range sealed {
		sealed[i] ^= 1
		if _, err := x.open(nil, make([]byte, 24), sealed, nil); err == nil {
			t.Errorf("open took a ciphertext with byte %d changed", i)
		}
		sealed[i] ^= 1
	}
	if _, err := x.open(nil, make([]byte, 12), sealed, nil); err == nil {
		t.Error("open took a nonce of 12 bytes")
	}
	if _, err := x.open(nil, make([]byte, 24), nil, nil); err == nil {
		t.Error("open took an empty ciphertext")
	}
}

// The store is bounded, and expired records make room.
func TestBound(t *testing.T) {
	s, err := Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	s.max = 1
	soon := time.Now().Add(300 * time.Millisecond)
	end := func(id string) error {
		_, err := s.Swap(t.Context(), session.Change{Key: sessionPrefix + id, Expiry: soon})
		return err
	}
	if err := end("a"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(soon.Add(2 * time.Millisecond)))
	soon = time.Now().Add(time.Hour)
	if err := end("b"); err != nil {
		t.Errorf("an end where the other one has expired = %v", err)
	}
	if err := end("c"); !errors.Is(err, ErrFull) {
		t.Errorf("an end over the bound = %v, want ErrFull", err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, ErrFull) {
		t.Errorf("Ping of a full store = %v, want ErrFull", err)
	}
}
