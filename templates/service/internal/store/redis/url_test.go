package redis

import (
	"net"
	"strings"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"
)

func TestParse(t *testing.T) {
	t.Parallel()
	cases := []struct {
		url, want string
		mode      mode
		prefix    string
	}{
		{url: "redis://127.0.0.1:6379/0", want: "redis://127.0.0.1:6379/0"},
		{url: "redis://127.0.0.1", want: "redis://127.0.0.1:6379"},
		{url: "redis://[::1]", want: "redis://[::1]:6379"},
		{url: "rediss://ann:p%40ss@host:1/2?pool_size=3", want: "rediss://ann:p%40ss@host:1/2?pool_size=3"},
		{url: "redis://host:1?prefix=shop:", want: "redis://host:1", prefix: "shop:"},
		{url: "redis://host:1?prefix=", want: "redis://host:1", prefix: "none"},
		{url: "unix:///run/redis.sock?db=1", want: "unix:///run/redis.sock?db=1"},
		{url: "redis://a:1,b:2,c", want: "redis://a:1?addr=b%3A2&addr=c%3A6379", mode: cluster},
		{url: "redis://:pw@[::1]:1,[::2]/0", want: "redis://:pw@[::1]:1/0?addr=%5B%3A%3A2%5D%3A6379", mode: cluster},
		{url: "redis://a:1?cluster=true", want: "redis://a:1", mode: cluster},
		{url: "redis://a,b/3?master_name=m", want: "redis://a:26379/3?addr=b%3A26379&master_name=m", mode: sentinel},
		{url: "redis://a:1?master_name=m&prefix=p-", want: "redis://a:1?master_name=m", mode: sentinel, prefix: "p-"},
	}
	for _, c := range cases {
		t.Run(c.url, func(t *testing.T) {
			switch c.prefix {
			case "":
				c.prefix = "session:"
			case "none":
				c.prefix = ""
			}
			got, err := parse(c.url)
			if want := (target{url: c.want, mode: c.mode, prefix: c.prefix}); err != nil || got != want {
				t.Errorf("parse(%q) = %+v, %v; want %+v, nil", c.url, got, err, want)
			}
		})
	}
}

func TestConnectDefaults(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]limitValues{
		"redis://127.0.0.1:1":                                              {time.Second, 1, 1},
		"redis://127.0.0.1:1?dial_timeout=3s&max_retries=2":                {3 * time.Second, 1, 2},
		"redis://127.0.0.1:1,127.0.0.1:2":                                  {time.Second, 1, 1},
		"redis://127.0.0.1:1,127.0.0.1:2?dial_timeout=3s&dialer_retries=4": {3 * time.Second, 4, 1},
	} {
		target, err := parse(url)
		if err != nil {
			t.Fatal(err)
		}
		client, err := target.connect()
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		var got limitValues
		switch c := client.(type) {
		case *driver.Client:
			o := c.Options()
			got = limitValues{o.DialTimeout, o.DialerRetries, o.MaxRetries}
			if !o.ContextTimeoutEnabled {
				t.Errorf("client for %q does not obey contexts", url)
			}
		case *driver.ClusterClient:
			o := c.Options()
			// For a Cluster the driver passes MaxRetries on to the nodes and itself counts redirections.
			got = limitValues{o.DialTimeout, o.DialerRetries, want.maxRetries}
			if !o.ContextTimeoutEnabled {
				t.Errorf("client for %q does not obey contexts", url)
			}
		}
		if got != want {
			t.Errorf("limits for %q = %+v, want %+v", url, got, want)
		}
	}
}

type limitValues struct {
	dialTimeout               time.Duration
	dialerRetries, maxRetries int
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	cases := []struct{ name, url, want string }{
		{"empty", "", "must begin with"},
		{"bare address", "127.0.0.1:6379", "must begin with"},
		{"other scheme", "http://ann:geheim@127.0.0.1:6379", "must begin with"},
		{"no @ behind the password", "redis://:geheim:", "cannot be read"},
		{"bad port", "redis://ann:geheim@127.0.0.1:port", "cannot be read"},
		{"slash in password", "redis://ann:geheim/x@127.0.0.1:6379", "percent-encode"},
		{"slash behind digits", "redis://ann:12/geheim@127.0.0.1:6379", "percent-encode"},
		{"slash behind digits and an @", "redis://ann:x@12/geheim@127.0.0.1:6379/0", "percent-encode"},
		{"question mark behind digits", "redis://ann:12?geheim@127.0.0.1:6379", "percent-encode"},
		{"question mark and parameter", "redis://ann:12?geheim=1@127.0.0.1:6379", "percent-encode"},
		{"hash behind digits", "redis://ann:12#geheim@127.0.0.1:6379", "percent-encode"},
		{"slash in the password of a socket", "unix://ann:12/geheim@/run/redis.sock", "percent-encode"},
		{"percent in the servers' password", "redis://127.0.0.1:1?master_name=m&password=geheim%", "percent-encode"},
		{"semicolon in the servers' password", "redis://127.0.0.1:1?master_name=m&password=geheim;x", "percent-encode"},
		{"percent in password", "redis://ann:geheim%@127.0.0.1:6379", "percent-encode"},
		{"bad database", "redis://:geheim@127.0.0.1:6379/sessions", "database number"},
		{"database of a Cluster", "redis://:geheim@127.0.0.1:1,127.0.0.1:2/1", "no database numbers"},
		{"unknown parameter", "redis://:geheim@127.0.0.1:6379?colour=red", "colour"},
		{"refused connection", "redis://:geheim@" + closed.Addr().String(), "connection refused"},
		{"refused Cluster", "redis://:geheim@" + closed.Addr().String() + "," + closed.Addr().String(), ""},
		{"refused Sentinel", "redis://:geheim@" + closed.Addr().String() + "?master_name=m", ""},
		{"silent server", "redis://:geheim@" + silent.Addr().String(), "deadline exceeded"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			store, err := Open(t.Context(), c.url)
			if err == nil {
				store.Close()
				t.Fatalf("Open(%q) = nil error, want one", c.url)
			}
			if took := time.Since(begin); took > 2500*time.Millisecond {
				t.Errorf("Open(%q) took %v, want at most 2.5 s", c.url, took)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("Open(%q) = %q, want it to contain %q", c.url, err, c.want)
			}
			if strings.Contains(err.Error(), "geheim") {
				t.Errorf("Open(%q) = %q, which shows the password", c.url, err)
			}
		})
	}
}

// AddHook lets the tests of the package redis_test watch what goes to the server.
func (s *Store) AddHook(hook driver.Hook) { s.client.AddHook(hook) }

// FuzzParse reads any URL, of which a part is a password. It is refused or makes a client, and the password is shown
// nowhere.
func FuzzParse(f *testing.F) {
	for _, seed := range [][2]string{{"redis://ann:", "@127.0.0.1:6379/0"}, {"rediss://:", "@h1,h2:1?prefix=a:"},
		{"unix://ann:", "@/run/redis.sock?db=1"}, {"redis://h1:1,h2?master_name=m&password=", "&username=u"},
		{"redis://12/", "@h"}, {"redis://[::1]:1?cluster=true&addr=", ""}, {"redis://x", "?pool_size=a"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const password = "geheim-geheim"
		target, err := parse(before + password + after)
		if err == nil {
			client, connectErr := target.connect()
			if err = connectErr; err == nil {
				client.Close()
			}
		}
		inPassword := strings.Contains(before, "@") || strings.HasSuffix(before, ":") ||
			strings.HasSuffix(before, "password=")
		if err != nil && inPassword && strings.Contains(err.Error(), password) {
			t.Errorf("parse(%q) = %v", before+password+after, err)
		}
	})
}
