package session_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// flat is a session without slices, maps and pointers; data has some.
type flat struct {
	Name  string    `json:"name,omitempty"`
	Views int       `json:"views,omitempty"`
	Seen  time.Time `json:"seen,omitzero"`
	Pair  [2]struct {
		On bool `json:"on"`
	} `json:"pair,omitzero"`
	note string // not encoded
}

// A change is found in a value of any type; the same value written again is none.
func TestChange(t *testing.T) {
	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	testChange(t, "flat", flat{Name: "ann", Seen: noon}, map[string]func(v *flat) bool{
		"nothing":            func(v *flat) bool { return false },
		"field":              func(v *flat) bool { v.Views++; return true },
		"nested":             func(v *flat) bool { v.Pair[1].On = true; return true },
		"time":               func(v *flat) bool { v.Seen = noon.Add(1); return true },
		"same time":          func(v *flat) bool { v.Seen = noon.Round(0); return false },
		"replaced by same":   func(v *flat) bool { *v = flat{Name: "ann", Seen: noon}; return false },
		"back again":         func(v *flat) bool { v.Views++; v.Views--; return false },
		"what is not stored": func(v *flat) bool { v.note = "x"; return false },
		"emptied":            func(v *flat) bool { *v = flat{}; return true },
	})
	testChange(
		t,
		"data",
		data{Name: "ann", Cart: []string{"a"}, Deep: map[string]int{"x": 1}},
		map[string]func(v *data) bool{
			"nothing": func(v *data) bool { return false },
			"field":   func(v *data) bool { v.Views++; return true },
			"element": func(v *data) bool { v.Cart[0] = "b"; return true },
			"deep":    func(v *data) bool { v.Deep["x"]++; return true },
			"replaced by same": func(v *data) bool {
				v.Cart, v.Deep = []string{"a"}, map[string]int{"x": 1}
				return false
			},
			"emptied": func(v *data) bool { *v = data{}; return true },
		},
	)
	testChange(t, "pointer", struct{ P *int }{new(int)}, map[string]func(v *struct{ P *int }) bool{
		"nothing": func(v *struct{ P *int }) bool { return false },
		"behind":  func(v *struct{ P *int }) bool { *v.P = 7; return true },
		"same":    func(v *struct{ P *int }) bool { v.P = new(int); return false },
	})
	testChange(t, "array of slices", [1][]int{{1}}, map[string]func(v *[1][]int) bool{
		"element": func(v *[1][]int) bool { v[0][0] = 2; return true },
	})
	testChange(t, "any", struct{ A any }{"x"}, map[string]func(v *struct{ A any }) bool{
		"nothing": func(v *struct{ A any }) bool { return false },
		"other":   func(v *struct{ A any }) bool { v.A = []int{1}; return true },
	})
	testChange(t, "string", "x", map[string]func(v *string) bool{
		"nothing": func(v *string) bool { return false },
		"other":   func(v *string) bool { *v = "y"; return true },
	})
}

func testChange[T any](t *testing.T, name string, start T, changes map[string]func(v *T) (changed bool)) {
	for change, do := range changes {
		t.Run(name+"/"+change, func(t *testing.T) {
			bothModes(t, func(t *testing.T, mode func(*session.Config)) {
				a := newApp[T](t, mode)
				c := newClient()
				a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[T]) { s.V = start })
				want, left := 0, ""
				rec := a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[T]) {
					if do(&s.V) {
						want = 1
					}
					left = encoding(t, s.V)
				})
				wantCookies(t, rec, want)
				if v, _ := a.value(c); encoding(t, v) != left {
					t.Errorf("session = %s, want %s", encoding(t, v), left)
				}
				wantCookies(t, a.visit(c, lookOnly[T]), 0)
			})
		})
	}
}

func encoding(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func lookOnly[T any](http.ResponseWriter, *http.Request, *session.Session[T]) {}

// Two changes of a flat session at once are merged, in records of one program and of two.
func TestMergeFlat(t *testing.T) {
	rename := func(_ http.ResponseWriter, _ *http.Request, s *session.Session[flat]) { s.V.Name = "bob" }
	count := func(_ http.ResponseWriter, _ *http.Request, s *session.Session[flat]) { s.V.Views++ }
	for name, first := range map[string]int{"own record": 0, "record of another instance": 1} {
		for how, slow := range map[string]handler[flat]{
			"changes": rename,
			"moves": func(w http.ResponseWriter, r *http.Request, s *session.Session[flat]) {
				rename(w, r, s)
				s.Regenerate()
			},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				a := newApp[flat](t, nil)
				elsewhere := newApp[flat](t, func(cfg *session.Config) { cfg.Store, cfg.Now = a.store, a.clock.Now })
				c := newClient()
				[]*app[flat]{a, elsewhere}[first].visit(
					c,
					func(_ http.ResponseWriter, _ *http.Request, s *session.Session[flat]) {
						s.V = flat{Name: "ann", Views: 1}
					},
				)
				a.during(c, slow, func() { tab := *c; elsewhere.visit(&tab, count) })
				if v, _ := a.value(c); v != (flat{Name: "bob", Views: 2}) {
					t.Errorf("session = %+v, want bob with 2 views", v)
				}
			})
		}
	}
}

// The fields of a newer program stay in whatever an older one does to the session, also if that is flat.
func TestUnknownFieldsStayInFlat(t *testing.T) {
	type older struct {
		Views int `json:"views,omitempty"`
	}
	count := func(_ http.ResponseWriter, _ *http.Request, s *session.Session[older]) { s.V.Views++ }
	for name, steps := range map[string][]handler[older]{
		"changed":       {count},
		"changed twice": {count, count},
		"saved":         {func(_ http.ResponseWriter, _ *http.Request, s *session.Session[older]) { s.Save() }, count},
		"moved": {func(_ http.ResponseWriter, _ *http.Request, s *session.Session[older]) {
			s.Regenerate()
		}, count},
		"extended": {lookOnly[older], count},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp[flat](t, nil)
			old := newApp[older](
				t,
				func(cfg *session.Config) { cfg.Store, cfg.Now, cfg.Rolling = a.store, a.clock.Now, true },
			)
			c := newClient()
			a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[flat]) { s.V.Name = "ann" })
			for _, step := range steps {
				old.visit(c, step)
			}
			if v, _ := a.value(c); v.Name != "ann" || v.Views == 0 {
				t.Errorf("session = %+v, want ann with views", v)
			}
		})
	}
}

// BeforeSave may change a flat session back to what was loaded; that is saved as any other value.
func TestBeforeSaveOfFlat(t *testing.T) {
	a := newApp[flat](t, func(cfg *session.Config) {
		cfg.BeforeSave = func(_ context.Context, v any) { v.(*flat).Name = "ann" }
	})
	c := newClient()
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[flat]) { s.V.Views = 1 })
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[flat]) { s.V.Name = "bob" })
	if v, _ := a.value(c); v != (flat{Name: "ann", Views: 1}) {
		t.Errorf("session = %+v", v)
	}
}

// What is put into a session after its logout is a new session, even if it is what the old one held.
func TestSameValueAfterDestroy(t *testing.T) {
	for name, between := range map[string]func(a *app[flat], w http.ResponseWriter, r *http.Request){
		"at once":        func(*app[flat], http.ResponseWriter, *http.Request) {},
		"after a commit": func(a *app[flat], w http.ResponseWriter, r *http.Request) { a.m.Commit(w, r) },
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp[flat](t, nil)
			c := newClient()
			a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[flat]) { s.V.Name = "ann" })
			old := *c
			rec := a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[flat]) {
				s.Destroy()
				between(a, w, r)
				s.V.Name = "ann"
			})
			wantCookies(t, rec, 1)
			if v, _ := a.value(c); v.Name != "ann" || c.value == old.value {
				t.Errorf("session = %+v, new id %v", v, c.value != old.value)
			}
			if _, isNew := a.value(&old); !isNew {
				t.Error("the old session is alive")
			}
		})
	}
}

// A record that is a merge is not taken for one's own encoding: it may hold fields of a newer program.
func TestMergeIsNotOwnEncoding(t *testing.T) {
	type older struct {
		Views int `json:"views,omitempty"`
	}
	count := func(_ http.ResponseWriter, _ *http.Request, s *session.Session[older]) { s.V.Views++ }
	a := newApp[flat](t, nil)
	old := newApp[older](t, func(cfg *session.Config) { cfg.Store, cfg.Now = a.store, a.clock.Now })
	c := newClient()
	old.visit(c, count)
	old.during(c, count, func() {
		tab := *c
		a.visit(&tab, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[flat]) { s.V.Name = "ann" })
	})
	old.visit(c, count)
	if v, _ := a.value(c); v != (flat{Name: "ann", Views: 3}) {
		t.Errorf("session = %+v, want ann with 3 views", v)
	}
}
