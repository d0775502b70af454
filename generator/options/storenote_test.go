package options

import "testing"

func TestServerNote(t *testing.T) {
	for store, want := range map[string]string{
		"memory": "", "cookie": "", "sqlite": "",
		"redis": "The service looks for Redis at redis://localhost:6379/0; to use another, set STORE_URL in .env.",
		"postgres": "The service looks for PostgreSQL at postgres://localhost:5432/sessions " +
			"(first: createdb sessions); to use another, set STORE_URL in .env.",
	} {
		o := Defaults()
		o.Store = store
		if got := o.ServerNote(); got != want {
			t.Errorf("%s: %q, want %q", store, got, want)
		}
	}
}
