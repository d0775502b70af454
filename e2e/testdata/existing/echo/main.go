// Command shop is a service that was there before its sessions, with echo.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/labstack/echo/v4"
)

func main() {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(own)
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		status := http.StatusInternalServerError
		if known, ok := err.(*echo.HTTPError); ok {
			status = known.Code
		}
		c.String(status, fmt.Sprintf("own %d", status))
	}
	e.GET("/stream", func(c echo.Context) error {
		for i := range 3 {
			fmt.Fprintln(c.Response(), "line", i)
			c.Response().Flush()
			time.Sleep(100 * time.Millisecond)
		}
		return nil
	})
	e.GET("/hijack", func(c echo.Context) error {
		conn, _, err := c.Response().Hijack()
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ntaken over")
		return err
	})
	e.GET("/panic", func(echo.Context) error { panic("own") })
	e.GET("/abort", func(echo.Context) error { return echo.NewHTTPError(http.StatusTeapot) })
	e.POST("/upload", func(c echo.Context) error {
		n, err := io.Copy(io.Discard, c.Request().Body)
		return c.String(http.StatusOK, fmt.Sprint(n, " ", err))
	})

	listener, err := net.Listen("tcp", os.Getenv("LISTEN"))
	if err != nil {
		log.Fatal(err)
	}
	addr := listener.Addr().String()
	listener.Close()
	log.Print("listening on ", addr)
	//mounted: e.GET("/mine", func(c echo.Context) error {
	//mounted: 	s := sessions.Get(c.Request())
	//mounted: 	return c.String(http.StatusOK, fmt.Sprint("mine: ", s.User(), " ", s.V.Username))
	//mounted: })
	//mounted: e.POST("/rename", func(c echo.Context) error {
	//mounted: 	sessions.Get(c.Request()).V.Username = "renamed"
	//mounted: 	return c.NoContent(http.StatusNoContent)
	//mounted: })
	log.Fatal(e.Start(addr))
}

// own is a middleware of the service's.
func own(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("X-Own", "yes")
		defer func() {
			if cause := recover(); cause != nil {
				c.String(http.StatusInternalServerError, fmt.Sprint("own panic: ", cause))
			}
			log.Print("size of ", c.Request().URL.Path, ": ", c.Response().Size, " ", c.Response().Status)
		}()
		return next(c)
	}
}
