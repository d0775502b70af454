// Command shop is a service that was there before its sessions, with fiber.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"
)

func main() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ErrorHandler: failed})
	app.Use(func(c *fiber.Ctx) error {
		c.Set("X-Own", "yes")
		return c.Next()
	}, recover.New())
	app.Get("/stream", func(c *fiber.Ctx) error {
		c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
			for i := range 3 {
				fmt.Fprintln(w, "line", i)
				w.Flush()
				time.Sleep(100 * time.Millisecond)
			}
		})
		return nil
	})
	app.Get("/panic", func(*fiber.Ctx) error { panic("own") })
	app.Get("/abort", func(*fiber.Ctx) error { return fiber.ErrTeapot })
	app.Post("/upload", func(c *fiber.Ctx) error { return c.SendString(fmt.Sprint(len(c.Body()), " <nil>")) })
	//mounted: app.Get("/mine", adaptor.HTTPHandler(sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter,
	//mounted: 	r *http.Request) {
	//mounted: 	fmt.Fprint(w, "mine: ", sessions.Get(r).User(), " ", sessions.Get(r).V.Username)
	//mounted: }))))
	//mounted: app.Post("/rename", adaptor.HTTPHandler(sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter,
	//mounted: 	r *http.Request) {
	//mounted: 	sessions.Get(r).V.Username = "renamed"
	//mounted: 	w.WriteHeader(http.StatusNoContent)
	//mounted: }))))

	app.Hooks().OnListen(func(at fiber.ListenData) error {
		log.Print("listening on ", at.Host, ":", at.Port)
		return nil
	})
	log.Fatal(app.Listen(os.Getenv("LISTEN")))
}

func failed(c *fiber.Ctx, err error) error {
	status := fiber.StatusInternalServerError
	var known *fiber.Error
	if errors.As(err, &known) {
		status = known.Code
	}
	return c.Status(status).SendString(fmt.Sprintf("own %d", status))
}
