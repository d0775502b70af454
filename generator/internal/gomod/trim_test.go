package gomod

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// publish puts a module of one package into a directory that serves as a proxy.
func publish(t *testing.T, proxy, path, version, goMod, source string) {
	t.Helper()
	dir := filepath.Join(proxy, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	goMod = "module " + path + "\n\ngo 1.24\n" + goMod
	for name, text := range map[string]string{".info": fmt.Sprintf("{\"Version\": %q}", version), ".mod": goMod} {
		if err := os.WriteFile(filepath.Join(dir, version+name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(dir, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for name, text := range map[string]string{"go.mod": goMod, "it.go": source} {
		w, err := z.Create(path + "@" + version + "/" + name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
}

// Where the module cache lacks what is new, it is fetched, if that is allowed: else the
// owner's version of a module would be older than the new one needs.
func TestTrimFetches(t *testing.T) {
	proxy, cache := t.TempDir(), t.TempDir()
	publish(t, proxy, "example.com/old", "v1.0.0", "", "package old\n")
	publish(t, proxy, "example.com/old", "v1.1.0", "", "package old\n")
	publish(t, proxy, "example.com/new", "v1.0.0", "\nrequire example.com/old v1.1.0\n",
		"package new\n\nimport _ \"example.com/old\"\n")
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(proxy))
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GOMODCACHE", cache)
	t.Cleanup(func() { // the go command leaves it read-only
		_ = filepath.WalkDir(cache, func(name string, e fs.DirEntry, err error) error {
			if err == nil && e.IsDir() {
				err = os.Chmod(name, 0o755)
			}
			return err
		})
	})
	merged := "module example.com/shop\n\ngo 1.26.0\n\n" +
		"require (\n\texample.com/new v1.0.0\n\texample.com/old v1.0.0\n)\n"
	for _, network := range []bool{false, true} {
		trim := &Trim{Dir: t.TempDir(), Was: &modfile.File{}, Own: []string{"example.com/old"},
			Imports: []string{"example.com/new", "example.com/old"}}
		got, sum, _ := trim.Apply(t.Context(), []byte(merged), []byte{}, network)
		if raised := strings.Contains(string(got), "example.com/old v1.1.0"); raised != network {
			t.Errorf("network %t: go.mod is\n%s", network, got)
		}
		if network && !strings.Contains(string(sum), "example.com/new v1.0.0 h1:") {
			t.Errorf("go.sum is\n%s", sum)
		}
	}
}
