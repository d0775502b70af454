package session_test

import (
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

type (
	lossy     struct{ N int }
	text      struct{ N int }
	vanishing struct{ N int }
	inner     struct{ Deep string }
)

func (l lossy) MarshalJSON() ([]byte, error) { return []byte(`{"N":1}`), nil }
func (t text) MarshalText() ([]byte, error)  { return []byte("1"), nil }
func (t *text) UnmarshalText(b []byte) error { t.N = len(b); return nil }
func (vanishing) IsZero() bool               { return true }
func change[T any](v T) handler[T] {
	return func(w http.ResponseWriter, _ *http.Request, s *session.Session[T]) { s.V = v; w.Write(nil) }
}
func keepsWhatIsStored[T comparable](v T) func(*testing.T) {
	return func(t *testing.T) {
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var want T
		if err := json.Unmarshal(encoded, &want); err != nil {
			t.Fatal(err)
		}
		a := newApp[T](t, nil)
		c := newClient()
		var zero T
		for _, v := range []T{v, zero, v, zero, v} {
			a.visit(c, change(v))
		}
		for range 3 {
			a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[T]) {
				if s.V != want {
					t.Errorf("V = %+v, want %+v, as it is stored", s.V, want)
				}
			})
		}
	}
}

// A request finds what was stored, and not what an earlier one had in its hands: JSON leaves out, or alters, some of it.
func TestSavedIsWhatIsStored(t *testing.T) {
	t.Run("flat", keepsWhatIsStored(three{"ann", math.MaxInt, "<dark> \u2028"}))
	t.Run("nested", keepsWhatIsStored(struct {
		A inner `json:"a,omitempty"`
		B bool
		C uint8 `json:"a-b"`
	}{inner{"x"}, true, 255}))
	t.Run("not UTF-8", keepsWhatIsStored(three{"\xff", 1, ""}))
	t.Run("not UTF-8, deep", keepsWhatIsStored(struct{ A inner }{inner{"a\xc0b"}}))
	t.Run("not stored", keepsWhatIsStored(struct {
		A int `json:"-"`
		B int
	}{1, 2}))
	t.Run("unexported", keepsWhatIsStored(struct{ a, B int }{1, 2}))
	t.Run("embedded", keepsWhatIsStored(struct {
		inner
		Deep string
	}{inner{"hidden"}, "seen"}))
	t.Run("as a string", keepsWhatIsStored(struct {
		A int `json:",string"`
	}{7}))
	t.Run("own JSON", keepsWhatIsStored(struct {
		A lossy
		B int
	}{lossy{7}, 1}))
	t.Run("own text", keepsWhatIsStored(struct {
		A text
		B int
	}{text{7}, 1}))
	t.Run("own zero", keepsWhatIsStored(struct {
		A vanishing `json:",omitzero"`
		B int
	}{vanishing{7}, 1}))
	t.Run("floats", keepsWhatIsStored(struct {
		A float64
		B float32
	}{0.1, math.SmallestNonzeroFloat32}))
}

// What decodes to something else than it was is no change of a request that left it alone: that of another one must not be lost.
func TestMergeOfWhatJSONAlters(t *testing.T) {
	t.Run("not UTF-8", mergesWhatJSONAlters(three{User: "caf\xe9"}, func(v *three) { v.User = "quick" }, func(v *three) { v.Count++ }, three{"quick", 1, ""}))
	type mailed struct {
		Mail  folded
		Views int
	}
	t.Run("own JSON", mergesWhatJSONAlters(mailed{Mail: "Ann"}, func(v *mailed) { v.Mail = "quick" }, func(v *mailed) { v.Views++ }, mailed{"quick", 1}))
}

// folded is read in lower case, however it was written.
type folded string

func (f *folded) UnmarshalJSON(data []byte) error {
	var s string
	err := json.Unmarshal(data, &s)
	*f = folded(strings.ToLower(s))
	return err
}

func mergesWhatJSONAlters[T comparable](start T, quick, slow func(v *T), want T) func(*testing.T) {
	return func(t *testing.T) {
		a := newApp[T](t, nil)
		c := newClient()
		a.visit(c, change(start))
		a.during(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[T]) { slow(&s.V) }, func() {
			tab := *c
			a.visit(&tab, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[T]) { quick(&s.V) })
		})
		if v, _ := a.value(c); v != want {
			t.Errorf("session = %+v, want %+v", v, want)
		}
	}
}
