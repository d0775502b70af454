// Command demo is a front end on an origin of its own that logs in to the service through the browser, by fetch or
// by axios:
//
//	go run .        in one terminal: the service
//	go run ./demo   in another: this page
//
// It is yours, needs no build step, and loads nothing from elsewhere. The addresses come from the settings of the
// service; -api, -origin and -listen override them.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

//go:embed *.html *.css *.js *.svg LICENSE.axios
var files embed.FS

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run serves the page until ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) error {
	getenv, err := config.Dotenv(".env", getenv)
	if err != nil {
		return err
	}
	api, origin := first(getenv("PUBLIC_URL"), config.PublicURL), firstOrigin(getenv("CORS_ORIGINS"))
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&api, "api", api, "`URL` of the service (PUBLIC_URL)")
	flags.StringVar(&origin, "origin", origin, "`origin` of this page in the browser (the first of CORS_ORIGINS)")
	listen := flags.String("listen", "", "`address` to listen on (on this machine, at the port of -origin or 5173)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if origin == "" {
		return errors.New("the service allows no front end; start both with CORS_ORIGINS=http://localhost:5173")
	}
	addr := *listen
	if addr == "" {
		if addr, err = listenAddr(origin); err != nil {
			return err
		}
	}
	handler, err := newHandler(api)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%w; choose another with -listen or, without a proxy, -origin and CORS_ORIGINS", err)
	}
	fmt.Fprintf(stderr, "demo: open %s (listening on %s; the service should be at %s)\n", origin, listener.Addr(), api)
	return serve(ctx, listener, handler)
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	stopped := context.AfterFunc(ctx, func() { server.Close() })
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// newHandler serves the pages, which learn the address of the service from a <meta> element. The policy lets them
// talk to that service and to nobody else.
func newHandler(api string) (http.Handler, error) {
	pages, err := template.ParseFS(files, "*.html")
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(api)
	if err != nil || u.Host == "" || strings.ContainsAny(u.Host, "; ,'\"") {
		return nil, fmt.Errorf("the service's address is %q, which is not a URL such as http://localhost:8080", api)
	}
	api = u.Scheme + "://" + u.Host
	policy := strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'",
		"connect-src " + api, "img-src 'self' blob: " + api,
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	}, "; ")
	parts, err := formParts()
	if err != nil {
		return nil, err
	}
	static := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		page := pages.Lookup(first(strings.TrimPrefix(path.Clean(r.URL.Path), "/"), "index.html"))
		if page == nil {
			static.ServeHTTP(w, r)
			return
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		page.Execute(w, struct { // an error means that the browser is gone
			API   string
			Parts []template.HTML
		}{api, parts})
	}), nil
}

// formParts reads what the optional parts add to the form: every .html file that is no page of its own, in the order
// of their names.
func formParts() (parts []template.HTML, err error) {
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		part, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(string(part), "<!doctype") {
			continue
		}
		parts = append(parts, template.HTML(part))
	}
	return parts, nil
}

// listenAddr is where to listen for an origin: on its host if that is this machine itself, else on localhost, for a
// proxy or a hosts file; on its port, or 5173 if it names none.
func listenAddr(origin string) (string, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("the page's origin is %q, which is not of the form http://localhost:5173", origin)
	}
	port := first(u.Port(), "5173")
	if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		return net.JoinHostPort(u.Hostname(), port), nil
	}
	return net.JoinHostPort("localhost", port), nil
}

func firstOrigin(list string) string {
	origin, _, _ := strings.Cut(list, ",")
	if origin = strings.TrimSpace(origin); origin != "" || len(config.CORSOrigins) == 0 {
		return origin
	}
	return config.CORSOrigins[0]
}

func first(value, fallback string) string {
	if value != "" {
		return value
	}
	return fallback
}
