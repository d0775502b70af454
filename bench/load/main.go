// Command load puts an emitted service under two kinds of load that strangers can cause, and looks at how the others
// fare meanwhile:
//
//   - 300 clients at 300 addresses that try wrong passwords at once, hashed at full strength;
//   - 1,000,000 requests for a picture, each from another address.
//
// It prints its report, and exits with 1 when the others fare worse, or the service takes more memory, than the limits
// below.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
	"github.com/sessionseed/sessionseed/templates/service/bench/service"
)

// What the others may be made to wait, and the memory that a stranger may fill.
const (
	mostHealth  = 100 * time.Millisecond // p99 of GET /healthz while passwords are tried
	mostSession = 250 * time.Millisecond // p99 of GET /me of somebody who is logged in
	mostMemory  = 700 << 20              // bytes resident

	people = 5 // who are logged in
)

// The one account.
const username, password = "张三", "correct horse battery"

var (
	attack   = flag.Duration("attack", time.Minute, "how long wrong passwords are tried")
	clients  = flag.Int("clients", 300, "how many clients try them at once")
	pictures = flag.Int("pictures", 1_000_000, "how many pictures are asked for")
	failed   bool
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	fmt.Printf("# Load by strangers\n\nWritten by `go run . > RESULTS.md` in bench/load. %s, shared by the service, "+
		"its clients and whatever else runs.\n"+
		"The service is what `sessionseed new` writes with the memory store, without a captcha (`--captcha=false`) "+
		"for the passwords and with `--captcha-pow` for the pictures, set up as behind a proxy (`TRUST_PROXY=1`).\n\n"+
		"What do other visitors notice while strangers put load on the service? In the tables, \"before\" is without "+
		"that load, \"meanwhile\" is how many requests were made under it, and the columns after it are their times. "+
		"99 of 100 requests were answered within p99; the last column is the limit for it.\n",
		measure.Machine())
	if err := errors.Join(wrongPasswords(), manyPictures()); err != nil {
		log.Fatal(err)
	}
	if failed {
		log.Fatal("a limit was not kept: see the report")
	}
}

// wrongPasswords is the first load.
func wrongPasswords() error {
	s, err := start("--captcha=false")
	if err != nil {
		return err
	}
	defer s.stop()
	others, err := s.others(people)
	if err != nil {
		return err
	}
	before, end := context.WithTimeout(context.Background(), 10*time.Second)
	defer end()
	quiet := <-s.watch(before, others)
	ctx, end := context.WithTimeout(context.Background(), *attack)
	defer end()
	var group sync.WaitGroup
	var answers [600]atomic.Int64
	for i := range *clients {
		b := s.browser(fmt.Sprintf("203.0.%d.%d", 100+i/250, i%250))
		group.Go(func() {
			for ctx.Err() == nil {
				// Another name each time, or the limit of the name would answer first.
				status, _, err := b.post("/login",
					map[string]string{"username": fmt.Sprint(rand.Uint64()), "password": "wrong"})
				if err == nil {
					answers[status].Add(1)
				}
				if status != http.StatusUnauthorized {
					time.Sleep(100 * time.Millisecond)
				}
			}
		})
	}
	seen := s.watch(ctx, others)
	var tried, right, kept int
	for ctx.Err() == nil { // one of them logs in again and again meanwhile
		b := s.browser(others[0].from)
		tried++
		if status, _, err := b.post("/login", s.account(nil)); err == nil && status == http.StatusOK {
			right++
			if status, _, err := b.get("/me"); err == nil && status == http.StatusOK {
				kept++
			}
		}
		time.Sleep(6 * time.Second)
	}
	group.Wait()
	fmt.Printf("\n## %d clients try wrong passwords for %v\n\nEach has an address of its own. Of their attempts, %d "+
		"were checked and refused, %d got 503 because the processors were taken, and %d got 429 for their address.\n"+
		"Tries with the right password meanwhile: %d. Answered 200: %d. Sessions found after that: %d.\n\n",
		*clients, *attack, answers[401].Load(), answers[503].Load(), answers[429].Load(), tried, right, kept)
	if right == 0 || kept != right {
		failed = true
	}
	return s.report(quiet, <-seen, mostHealth)
}

// manyPictures is the second load.
func manyPictures() error {
	s, err := start("--captcha-pow")
	if err != nil {
		return err
	}
	defer s.stop()
	others, err := s.others(people)
	if err != nil {
		return err
	}
	before, end := context.WithTimeout(context.Background(), 10*time.Second)
	defer end()
	quiet := <-s.watch(before, others)
	ctx, end := context.WithCancel(context.Background())
	seen := s.watch(ctx, others)
	var next, drawn atomic.Int64
	var group sync.WaitGroup
	began := time.Now()
	for range 64 {
		group.Go(func() {
			for n := next.Add(1); n <= int64(*pictures); n = next.Add(1) {
				b := browser{s, fmt.Sprintf("2001:%x:%x::1", n>>16, n&0xffff), s.client}
				if status, _, err := b.get("/code"); err == nil && status == http.StatusOK {
					drawn.Add(1)
				}
			}
		})
	}
	group.Wait()
	took := time.Since(began)
	b := s.browser("198.51.100.7")
	status, body, err := b.post("/login", s.account(b.work()))
	end()
	fmt.Printf("\n## %d pictures, each for another address\n\n%d were drawn in %v. A login with the right "+
		"password after that was answered %d.\n\n",
		*pictures, drawn.Load(), took.Round(time.Second), status)
	if err != nil || status != http.StatusOK || drawn.Load() < int64(*pictures)*99/100 {
		log.Printf("after the load: %d of %d pictures drawn; login: status %d, error %v: %s", drawn.Load(), *pictures,
			status, err, body)
		failed = true
	}
	return s.report(quiet, <-seen, mostSession)
}

// server is an emitted service that runs.
type server struct {
	dir, url string
	cmd      *exec.Cmd
	client   *http.Client
}

func start(flags ...string) (*server, error) {
	dir, err := os.MkdirTemp("", "load-")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir}
	ctx := context.Background()
	args := append([]string{"run", ".", "new", filepath.Join(dir, "shop"), "--yes", "--module", "example.com/shop"},
		flags...)
	if err := service.Run(ctx, service.Repository, "go", args...); err != nil {
		return nil, err
	}
	project := filepath.Join(dir, "shop")
	if err := service.Run(ctx, project, "go", "build", "-o", "shop", "."); err != nil {
		return nil, err
	}
	// The password that is made with a project is random, and hashed with fewer iterations than a person's.
	hash := exec.Command(filepath.Join(project, "shop"), "hash-password")
	hash.Stdin = strings.NewReader(password + "\n")
	line, err := hash.Output()
	if err != nil {
		return nil, err
	}
	port, err := service.FreePort()
	if err != nil {
		return nil, err
	}
	s.url = "http://127.0.0.1:" + port
	s.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}
	s.cmd = exec.Command(filepath.Join(project, "shop"))
	s.cmd.Dir, s.cmd.Env = project, append(os.Environ(), "PORT="+port, "TRUST_PROXY=1", "LOG_LEVEL=error",
		"ACCOUNT_USERNAME="+username, strings.Replace(strings.TrimSpace(string(line)), "'", "", 2))
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for range 200 {
		time.Sleep(50 * time.Millisecond)
		if status, _, err := s.browser("192.0.2.1").get("/readyz"); err == nil && status == http.StatusOK {
			return s, nil
		}
	}
	return nil, errors.New("the service does not answer")
}

func (s *server) stop() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
	os.RemoveAll(s.dir)
}

// account is the body of a login with the right password, with more.
func (s *server) account(more map[string]string) map[string]string {
	body := map[string]string{"username": username, "password": password}
	maps.Copy(body, more)
	return body
}

// others are people who are logged in before the load begins.
func (s *server) others(n int) (list []browser, err error) {
	for i := range n {
		b := s.browser(fmt.Sprintf("198.51.100.%d", i+10))
		body := s.account(nil)
		if status, _, err := b.get("/code"); err == nil && status == http.StatusOK {
			body = s.account(b.work())
		}
		if status, text, err := b.post("/login", body); err != nil || status != http.StatusOK {
			return nil, fmt.Errorf("login before the load: status %d, error %s: %s", status, fmt.Sprint(err), text)
		}
		list = append(list, b)
	}
	return list, nil
}

// watched is how long the others waited.
type watched struct {
	health, session []time.Duration
	faults          int
}

// watch asks for the health and for the others' sessions until ctx ends, twenty times a second each.
func (s *server) watch(ctx context.Context, others []browser) <-chan watched {
	done := make(chan watched, 1)
	go func() {
		var seen watched
		probe := s.browser("192.0.2.1")
		for i := 0; ctx.Err() == nil; i++ {
			for what, b := range []browser{probe, others[i%len(others)]} {
				began := time.Now()
				status, _, err := b.get([]string{"/healthz", "/me"}[what])
				if err != nil || status != http.StatusOK {
					seen.faults++
					continue
				}
				if took := time.Since(began); what == 0 {
					seen.health = append(seen.health, took)
				} else {
					seen.session = append(seen.session, took)
				}
			}
			time.Sleep(50 * time.Millisecond)
		}
		done <- seen
	}()
	return done
}

func (s *server) report(quiet, w watched, mostHealth time.Duration) error {
	now, peak, err := measure.Resident(s.cmd.Process.Pid)
	if err != nil {
		return err
	}
	row := func(what string, quiet, took []time.Duration, most time.Duration) {
		slices.Sort(quiet)
		slices.Sort(took)
		round := func(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
		p99 := took[len(took)*99/100]
		fmt.Printf("| %s | %v | %v | %d | %v | %v | %v | %v |\n", what, round(quiet[len(quiet)/2]),
			round(quiet[len(quiet)*99/100]),
			len(took), round(took[len(took)/2]), round(p99), round(took[len(took)-1]), most)
		if p99 > most {
			failed = true
		}
	}
	fmt.Println("| request | p50 before | p99 before | meanwhile | p50 | p99 | worst | p99 at most |\n" +
		"| --- | --: | --: | --: | --: | --: | --: | --: |")
	row("GET /healthz", quiet.health, w.health, mostHealth)
	row("GET /me of users who are logged in", quiet.session, w.session, mostSession)
	fmt.Printf("\nOf all requests in this table, %d were not answered 200. Resident memory: %d MiB at the end, "+
		"%d MiB at its peak (at most %d).\n",
		w.faults, now>>20, peak>>20, mostMemory>>20)
	if w.faults > 0 || peak > mostMemory {
		failed = true
	}
	return nil
}

// browser is a client behind the proxy.
type browser struct {
	*server
	from string
	http *http.Client
}

func (s *server) browser(from string) browser {
	jar, _ := cookiejar.New(nil) // never fails without options
	return browser{s, from, &http.Client{Timeout: s.client.Timeout, Transport: s.client.Transport, Jar: jar}}
}

func (b browser) get(path string) (int, string, error) { return b.ask("GET", path, nil) }

func (b browser) post(path string, body map[string]string) (int, string, error) {
	return b.ask("POST", path, body)
}

func (b browser) ask(method, path string, body map[string]string) (status int, text string, err error) {
	data, err := json.Marshal(body)
	if err != nil {
		return 0, "", err
	}
	r, err := http.NewRequest(method, b.url+path, strings.NewReader(string(data)))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", b.from)
	answer, err := b.http.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(got), err
}

// work solves a computing task in ALTCHA's format (version 1).
func (b browser) work() map[string]string {
	_, text, err := b.get("/code/work")
	var task struct {
		Algorithm, Challenge, Salt, Signature string
		MaxNumber                             int
	}
	if err != nil || json.Unmarshal([]byte(text), &task) != nil {
		return nil
	}
	for n := 0; n <= task.MaxNumber; n++ {
		sum := sha256.Sum256(fmt.Append([]byte(task.Salt), n))
		if hex.EncodeToString(sum[:]) == task.Challenge {
			solution, _ := json.Marshal(map[string]any{"algorithm": task.Algorithm, "challenge": task.Challenge,
				"number": n,
				"salt":   task.Salt, "signature": task.Signature})
			return map[string]string{"altcha": base64.StdEncoding.EncodeToString(solution)}
		}
	}
	return nil
}
