package storetest

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// The environment of a child process: what it has to do (its role), and on which record of which store.
const (
	envRole = "STORETEST_ROLE"
	envURL  = "STORETEST_URL"
	envKey  = "STORETEST_KEY"
)

const countRounds = 100

// Main is the TestMain of a store's package whose tests start other processes:
//
//	func TestMain(m *testing.M) { storetest.Main(m, sqlite.Open) }
//
// In the test run it runs the tests. In a process started by [TwoProcesses] or [KillWriter], which is the same test
// binary once more, it does that process's work and exits.
func Main[S session.Store](m *testing.M, open func(ctx context.Context, url string) (S, error)) {
	role := os.Getenv(envRole)
	if role == "" {
		_ = flag.Set("test.parallel", "8") // they wait for a server more than they compute; go test -parallel wins
		m.Run()
		return
	}
	ctx := context.Background()
	store, err := open(ctx, os.Getenv(envURL))
	if err == nil {
		switch role {
		case "count":
			err = Count(ctx, store, os.Getenv(envKey), countRounds)
		case "write":
			err = writeForEver(ctx, store)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// writeForEver writes records and prints the key of each one that the store has confirmed.
func writeForEver(ctx context.Context, store session.Store) error {
	for {
		key := NewKey()
		if err := Put(ctx, store, key, []byte(key), hour()); err != nil {
			return err
		}
		fmt.Println(key)
	}
}

func child(t *testing.T, role, url, key string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), envRole+"="+role, envURL+"="+url, envKey+"="+key)
	return cmd
}

// TwoProcesses lets two operating system processes count on one record at the same time and wants no step lost.
// The package's TestMain must be [Main]; store is open on the same url.
func TwoProcesses(t *testing.T, url string, store session.Store) {
	t.Helper()
	key := NewKey()
	inParallel(t, 2, func(int) error {
		if out, err := child(t, "count", url, key).CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		return nil
	})
	wantFound(t, store, key, []byte(strconv.Itoa(2*countRounds)))
}

// KillWriter starts a process that writes records as fast as it can, kills it (SIGKILL) in the middle of that, and
// returns the keys of all records that it had confirmed by then; each record's data are its key.
// The package's TestMain must be [Main].
func KillWriter(t *testing.T, url string, atLeast int) []string {
	t.Helper()
	cmd := child(t, "write", url, "")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var confirmed []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if len(lines.Text()) == len(NewKey()) { // the last line may be cut
			confirmed = append(confirmed, lines.Text())
		}
		if len(confirmed) == atLeast {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd.Wait()
	if len(confirmed) < atLeast {
		t.Fatalf("the writing process ended after %d records, want %d: %s", len(confirmed), atLeast, stderr.String())
	}
	return confirmed
}
