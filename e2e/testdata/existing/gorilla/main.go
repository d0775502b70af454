// Command shop is a service that was there before its sessions, with gorilla/mux.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/gorilla/mux"
)

func main() {
	router := mux.NewRouter()
	router.Use(own)
	router.HandleFunc("/stream", stream).Methods("GET")
	router.HandleFunc("/hijack", hijack).Methods("GET")
	router.Methods("GET").Path("/panic").HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("own") })
	router.Methods("POST").Path("/upload").HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, " ", err)
	})
	router.NotFoundHandler = own(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "own 404", http.StatusNotFound)
	}))

	listener, err := net.Listen("tcp", os.Getenv("LISTEN"))
	if err != nil {
		log.Fatal(err)
	}
	log.Print("listening on ", listener.Addr())
	//mounted: router.Methods("GET").Path("/mine").HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	//mounted: 	fmt.Fprint(w, "mine: ", sessions.Get(r).User(), " ", sessions.Get(r).V.Username)
	//mounted: })
	//mounted: router.Methods("POST").Path("/rename").HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
