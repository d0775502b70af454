package compile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Code is not to blame for a module that cannot be fetched, which may be a replacement.
func TestCheckWithoutAModule(t *testing.T) {
	const sum = "example.com/%s v1.0.0 h1:VuZ8uybHlWmqV03+zRzdwKL4tUnIp1MAQtp1mIFE1bc=\n" +
		"example.com/%[1]s v1.0.0/go.mod h1:DVbg23sWSpFRCP0SfiEN6jmj59UnW/n46BH5rLB71So=\n"
	for _, tt := range []struct {
		name, goMod, sums string
		replaced          bool
	}{
		{"required", "", fmt.Sprintf(sum, "n"), false},
		{"replaced", "\nreplace example.com/n => example.com/other v1.0.0\n", fmt.Sprintf(sum, "other"), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("GOMODCACHE", t.TempDir())
			t.Setenv("GOPROXY", "off")
			t.Setenv("GOFLAGS", "-mod=mod")
			for name, text := range map[string]string{
				"go.mod": "module m\n\ngo 1.26.0\n\nrequire example.com/n v1.0.0\n" + tt.goMod,
				"go.sum": tt.sums, "m.go": "package m\n\nimport _ \"example.com/n\"\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			faults, err := Check(t.Context(), Module{Dir: dir})
			var unavailable *Unavailable
			if !errors.As(err, &unavailable) ||
				strings.Contains(unavailable.Reason, "a replace in go.mod") != tt.replaced {
				t.Errorf("Check = %v, %v", faults, err)
			}
		})
	}
}

// A go command without its caches, as with HOME unset in a service or a container,
// says nothing about the module, whether or not it has dependencies.
func TestCheckWithoutCaches(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	for name, text := range map[string]string{"go.mod": "module m\n\ngo 1.26.0\n", "m.go": "package m\n", "file": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	changed := map[string][]byte{"m.go": []byte("package m\n\nvar X = 1\n")}
	needing := map[string][]byte{
		"go.mod": []byte("module m\n\ngo 1.26.0\n\nrequire example.com/n v1.0.0\n"),
		"m.go":   []byte("package m\n\nimport _ \"example.com/n\"\n"),
	}
	none := map[string]string{
		"HOME": "", "XDG_CACHE_HOME": "", "GOPATH": "", "GOCACHE": "", "GOMODCACHE": "", "GOENV": "off",
		"GOFLAGS": "-trimpath",
		"GOPROXY": "off", "GOTOOLCHAIN": "local",
	}
	for _, tt := range []struct {
		name    string
		env     map[string]string
		want    string
		changed map[string][]byte
	}{
		{"no home", nil, "no directory for GOCACHE", changed},
		{"no home, with dependencies", nil, "no directory for GOCACHE", needing},
		{"no module cache", map[string]string{"GOCACHE": t.TempDir()}, "no directory for GOMODCACHE", needing},
		{"a file as the module cache", map[string]string{"GOCACHE": t.TempDir(), "GOMODCACHE": file},
			"cannot use its GOMODCACHE", needing},
		{"a file as the cache", map[string]string{"GOCACHE": file, "GOMODCACHE": t.TempDir()}, "cannot use its GOCACHE",
			changed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, env := range []map[string]string{none, tt.env} {
				for name, value := range env {
					t.Setenv(name, value)
				}
			}
			faults, err := Check(context.Background(), Module{Dir: dir, Changed: tt.changed})
			var unavailable *Unavailable
			if !errors.As(err, &unavailable) || !strings.Contains(unavailable.Reason, tt.want) {
				t.Errorf("Check = %v, %v, want %q", faults, err, tt.want)
			}
		})
	}
}
