package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestDrain: a request in flight when the signal comes gets its answer, and no new one is taken.
func TestDrain(t *testing.T) {
	began, finish := make(chan bool), make(chan bool)
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		began <- true
		<-finish
	})
	listeners, err := listen("localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listeners[0].Addr().String()
	ctx, signal := context.WithCancel(context.Background())
	defer signal()
	served, answered := make(chan error, 1), make(chan error, 1)
	go func() { served <- serve(ctx, listeners, handler, time.Minute, slog.New(slog.DiscardHandler)) }()
	go func() {
		response, err := http.Get("http://" + addr)
		if err == nil {
			err = response.Body.Close()
		}
		answered <- err
	}()
	<-began
	signal()
	for err := error(nil); err == nil; { // until the listener is closed
		var connection net.Conn
		if connection, err = net.Dial("tcp", addr); err == nil {
			connection.Close()
		}
	}
	select {
	case err := <-served:
		t.Fatalf("serve returned %v with a request in flight", err)
	default:
	}
	finish <- true
	if err := <-answered; err != nil {
		t.Errorf("the request in flight = %v, want its answer", err)
	}
	if err := <-served; err != nil {
		t.Errorf("serve = %v, want nil after the drain", err)
	}
}
