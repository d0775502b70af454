// Command shop is a service that was there before its sessions, with the router of net/http.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stream", stream)
	mux.HandleFunc("GET /hijack", hijack)
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("own") })
	mux.HandleFunc("POST /upload", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, " ", err)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "own 404", http.StatusNotFound)
	})

	listener, err := net.Listen("tcp", os.Getenv("LISTEN"))
	if err != nil {
		log.Fatal(err)
	}
	log.Print("listening on ", listener.Addr())
	//mounted: mux.HandleFunc("GET /mine", func(w http.ResponseWriter, r *http.Request) {
	//mounted: 	fmt.Fprint(w, "mine: ", sessions.Get(r).User(), " ", sessions.Get(r).V.Username)
	//mounted: })
	//mounted: mux.HandleFunc("POST /rename", func(w http.ResponseWriter, r *http.Request) {
	//mounted: 	sessions.Get(r).V.Username = "renamed"
	//mounted: 	w.WriteHeader(http.StatusNoContent)
	//mounted: })
	server := &http.Server{Handler: own(mux)}
	log.Fatal(server.Serve(listener))
}

// own is a middleware of the service's.
func own(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Own", "yes")
		defer func() {
			if cause := recover(); cause != nil {
				http.Error(w, fmt.Sprint("own panic: ", cause), http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func stream(w http.ResponseWriter, r *http.Request) {
	for i := range 3 {
		fmt.Fprintln(w, "line", i)
		w.(http.Flusher).Flush()
		time.Sleep(100 * time.Millisecond)
	}
}

func hijack(w http.ResponseWriter, r *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		log.Print(err)
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ntaken over")
}
