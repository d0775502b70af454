package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

func swapTable(t *testing.T, s Store) {
	cases := []struct {
		name           string
		have, old, new []byte // nil: no record
		made           bool
	}{
		{name: "create", new: []byte("n"), made: true},
		{name: "create, exists", have: []byte("h"), new: []byte("n")},
		{name: "create, exists and is empty", have: []byte{}, new: []byte("n")},
		{name: "create empty", new: []byte{}, made: true},
		{name: "create binary", new: []byte("\x00\xff"), made: true},
		{name: "replace", have: []byte("h"), old: []byte("h"), new: []byte("n"), made: true},
		{name: "replace binary", have: []byte("\x00\xff"), old: []byte("\x00\xff"), new: []byte("\xfe"), made: true},
		{name: "replace with the same", have: []byte("h"), old: []byte("h"), new: []byte("h"), made: true},
		{name: "replace empty", have: []byte{}, old: []byte{}, new: []byte("n"), made: true},
		{name: "replace by empty", have: []byte("h"), old: []byte("h"), new: []byte{}, made: true},
		{name: "replace, differs", have: []byte("h"), old: []byte("x"), new: []byte("n")},
		{name: "replace, differs in case", have: []byte("h"), old: []byte("H"), new: []byte("n")},
		{name: "replace, differs after a NUL", have: []byte("h\x00a"), old: []byte("h\x00b"), new: []byte("n")},
		{name: "replace, old is a prefix", have: []byte("hh"), old: []byte("h"), new: []byte("n")},
		{name: "replace, old is longer", have: []byte("h"), old: []byte("hh"), new: []byte("n")},
		{name: "replace, old is empty", have: []byte("h"), old: []byte{}, new: []byte("n")},
		{name: "replace, no record", old: []byte("h"), new: []byte("n")},
		{name: "replace empty, no record", old: []byte{}, new: []byte("n")},
		{name: "delete", have: []byte("h"), old: []byte("h"), made: true},
		{name: "delete empty", have: []byte{}, old: []byte{}, made: true},
		{name: "delete, differs", have: []byte("h"), old: []byte("x")},
		{name: "delete, no record", old: []byte("h")},
		{name: "nothing for nothing, no record", made: true},
		{name: "nothing for nothing, exists", have: []byte("h")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			key := NewKey()
			if c.have != nil {
				MustPut(t, s, key, c.have, hour())
			}
			change := session.Change{Key: key, Old: c.old, New: c.new}
			want := c.have
			if c.made {
				want = c.new
			}
			if c.new != nil {
				change.Expiry = hour()
			}
			made, err := s.Swap(t.Context(), change)
			if err != nil || !slices.Equal(made, []bool{c.made}) {
				t.Errorf("Swap(old %s, new %s) on %s = %v, %v; want [%v], nil",
					name(c.old), name(c.new), name(c.have), made, err, c.made)
			}
			if want == nil {
				wantMissing(t, s, key)
			} else {
				wantFound(t, s, key, want)
			}
		})
	}
}

// swapSeveral: a change that is not made stops no other, and the results have the order of the changes.
func swapSeveral(t *testing.T, s Store) {
	create, replace, remove, kept := NewKey(), NewKey(), NewKey(), NewKey()
	MustPut(t, s, replace, []byte("a"), hour())
	MustPut(t, s, remove, []byte("b"), hour())
	MustPut(t, s, kept, []byte("c"), hour())
	made, err := s.Swap(t.Context(),
		session.Change{Key: kept, New: []byte("x"), Expiry: hour()},
		session.Change{Key: remove, Old: []byte("b")},
		session.Change{Key: kept, Old: []byte("x")},
		session.Change{Key: create, New: []byte("n"), Expiry: hour()},
		session.Change{Key: NewKey(), Old: []byte("x"), New: []byte("y"), Expiry: hour()},
		session.Change{Key: replace, Old: []byte("a"), New: []byte("m"), Expiry: hour()},
		session.Change{Key: NewKey()},
	)
	if want := []bool{false, true, false, true, false, true, true}; err != nil || !slices.Equal(made, want) {
		t.Errorf("Swap = %v, %v; want %v, nil", made, err, want)
	}
	wantFound(t, s, kept, []byte("c"))
	wantMissing(t, s, remove)
	wantFound(t, s, create, []byte("n"))
	wantFound(t, s, replace, []byte("m"))

	if made, err := s.Swap(t.Context()); err != nil || len(made) != 0 {
		t.Errorf("Swap() = %v, %v; want nothing, nil", made, err)
	}
	var many []session.Change
	for range 100 {
		many = append(many, session.Change{Key: NewKey(), New: []byte("x"), Expiry: hour()})
	}
	if made, err := s.Swap(t.Context(), many...); err != nil || len(made) != len(many) || slices.Contains(made, false) {
		t.Errorf("Swap of %d new records = %v, %v", len(many), made, err)
	}
}

// swapTwice: changes of one key are made in their order.
func swapTwice(t *testing.T, s Store) {
	key := NewKey()
	made, err := s.Swap(t.Context(),
		session.Change{Key: key, New: []byte("1"), Expiry: hour()},
		session.Change{Key: key, New: []byte("x"), Expiry: hour()},
		session.Change{Key: key, Old: []byte("1"), New: []byte("2"), Expiry: hour()},
	)
	if want := []bool{true, false, true}; err != nil || !slices.Equal(made, want) {
		t.Errorf("Swap = %v, %v; want %v, nil", made, err, want)
	}
	wantFound(t, s, key, []byte("2"))
}

// swapExpiry: the new expiry counts, earlier or later, and an expired record is as good as none.
func swapExpiry(t *testing.T, s Store) {
	shorter, later, created := NewKey(), NewKey(), NewKey()
	soon := time.Now().Add(150 * time.Millisecond)
	MustPut(t, s, shorter, []byte("old"), hour())
	MustPut(t, s, shorter, []byte("short"), soon)
	MustPut(t, s, later, []byte("same"), soon)
	MustPut(t, s, later, []byte("same"), hour())
	MustPut(t, s, created, []byte("short"), soon)
	wantExpiry(t, s, shorter, soon)
	wantExpiry(t, s, created, soon)
	wantFound(t, s, later, []byte("same"))

	made, err := s.Swap(t.Context(),
		session.Change{Key: shorter, Old: []byte("short"), New: []byte("new"), Expiry: hour()},
		session.Change{Key: shorter, Old: []byte("short")},
		session.Change{Key: created, New: []byte("new"), Expiry: hour()},
	)
	if want := []bool{false, false, true}; err != nil || !slices.Equal(made, want) {
		t.Errorf("Swap of expired records = %v, %v; want %v, nil", made, err, want)
	}
	wantMissing(t, s, shorter)
	wantFound(t, s, created, []byte("new"))
}

// swapPassed: the store keeps no reference to the bytes.
func swapPassed(t *testing.T, s Store) {
	key, first, second := NewKey(), []byte("first"), []byte("second")
	MustPut(t, s, key, first, hour())
	copy(first, "zzzzz")
	wantFound(t, s, key, []byte("first"))
	MustPut(t, s, key, second, hour())
	copy(second, "zzzzzz")
	wantFound(t, s, key, []byte("second"))
}
