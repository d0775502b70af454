// Command shop is a service that was there before its sessions, with chi.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
)

func main() {
	router := chi.NewRouter()
	router.Use(own)
	router.Get("/stream", stream)
	router.Get("/hijack", hijack)
	router.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("own") })
	router.Post("/upload", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, " ", err)
	})
	router.NotFound(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "own 404", http.StatusNotFound)
	})

	listener, err := net.Listen("tcp", os.Getenv("LISTEN"))
	if err != nil {
		log.Fatal(err)
	}
	log.Print("listening on ", listener.Addr())
	//mounted: router.Get("/mine", func(w http.ResponseWriter, r *http.Request) {
	//mounted: 	fmt.Fprint(w, "mine: ", sessions.Get(r).User(), " ", sessions.Get(r).V.Username)
	//mounted: })
	//mounted: router.Post("/rename", func(w http.ResponseWriter, r *http.Request) {
	//mounted: 	sessions.Get(r).V.Username = "renamed"
	//mounted: 	w.WriteHeader(http.StatusNoContent)
	//mounted: })
	server := &http.Server{Handler: router}
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
