//go:build unix

package regenerate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// cpu is the processor time of this process so far, without its children's.
func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPlan is the time of planning by the number of the owner's files: for
// a value, which looks at none of them; for a store that is left, which looks
// for imports of its driver; for a module path, which changes all of them; and
// for a generated file that may be found under another name. On a shared machine
// the processor time says more than the clock.
func BenchmarkPlan(b *testing.B) {
	g := engine()
	for _, kind := range []string{"value", "store", "module", "renamed"} {
		for _, n := range []int{10, 30, 100, 300, 500, 1000} {
			b.Run(fmt.Sprintf("%s/files=%d", kind, n), func(b *testing.B) {
				dir := manyFiles(b, g, n)
				var set []string
				switch kind {
				case "value":
					set = []string{"key", "sid"}
				case "store":
					run(b, g, dir, changeset.Options{}, "store", "redis")
					set = []string{"store", "memory"}
				case "module":
					set = []string{"module", "example.org/other"}
				case "renamed":
					os.Rename(filepath.Join(dir, "internal/web/routes.go"),
						filepath.Join(dir, "internal/web/router.go"))
					set = []string{"captcha.enabled", "false"}
				}
				began := cpu()
				for b.Loop() {
					plan(b, g, dir, changeset.Options{}, set...)
				}
				b.ReportMetric(float64((cpu()-began).Microseconds())/1000/float64(b.N), "cpu-ms/op")
			})
		}
	}
}

// BenchmarkRun is a whole run over 500 files of the owner, all of which change,
// and the share of it that is not the compiler's.
func BenchmarkRun(b *testing.B) {
	g := engine()
	dir := manyFiles(b, g, 500)
	var planning, whole time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		cs := plan(b, g, dir, changeset.Options{}, "module", []string{"example.org/other", "example.com/shop"}[i%2])
		planning += time.Since(began)
		if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || !r.Verified {
			b.Fatalf("%+v, %v", r, err)
		}
		whole += time.Since(began)
	}
	b.ReportMetric(float64(planning)/float64(whole)*100, "%planning")
	var written time.Duration
	for i := range 4 {
		cs := plan(b, g, dir, changeset.Options{}, "module", []string{"example.net/a", "example.com/shop"}[i%2])
		began := time.Now()
		if _, err := changeset.Apply(ctx, cs, regenerate.WithoutCompiling()); err != nil {
			b.Fatal(err)
		}
		written += time.Since(began)
	}
	b.ReportMetric(written.Seconds()/4, "s-writing/op")
}
