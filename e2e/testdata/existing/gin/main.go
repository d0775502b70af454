// Command shop is a service that was there before its sessions, with gin.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(own, gin.CustomRecovery(func(c *gin.Context, cause any) {
		c.String(http.StatusInternalServerError, "own panic: %v", cause)
	}))
	router.GET("/stream", func(c *gin.Context) {
		i := 0
		c.Stream(func(w io.Writer) bool {
			fmt.Fprintln(w, "line", i)
			i++
			time.Sleep(100 * time.Millisecond)
			return i < 3
		})
	})
	router.GET("/hijack", func(c *gin.Context) {
		conn, _, err := c.Writer.Hijack()
		if err != nil {
			log.Print(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ntaken over")
	})
	router.GET("/panic", func(*gin.Context) { panic("own") })
	router.GET("/abort", func(c *gin.Context) { c.AbortWithStatusJSON(http.StatusTeapot, gin.H{"own": "abort"}) })
	router.POST("/upload", func(c *gin.Context) {
		n, err := io.Copy(io.Discard, c.Request.Body)
		c.String(http.StatusOK, "%d %v", n, err)
	})
	router.NoRoute(func(c *gin.Context) { c.String(http.StatusNotFound, "own 404") })

	listener, err := net.Listen("tcp", os.Getenv("LISTEN"))
	if err != nil {
		log.Fatal(err)
	}
	addr := listener.Addr().String()
	listener.Close()
	log.Print("listening on ", addr)
	//mounted: router.GET("/mine", func(c *gin.Context) {
	//mounted: 	s := sessions.Get(c.Request)
	//mounted: 	c.String(http.StatusOK, "mine: %s %s", s.User(), s.V.Username)
	//mounted: })
	//mounted: router.POST("/rename", func(c *gin.Context) {
	//mounted: 	sessions.Get(c.Request).V.Username = "renamed"
	//mounted: 	c.Status(http.StatusNoContent)
	//mounted: })
	log.Fatal(router.Run(addr))
}

// own is a middleware of the service's.
func own(c *gin.Context) {
	c.Header("X-Own", "yes")
	c.Next()
	log.Print("size of ", c.Request.URL.Path, ": ", c.Writer.Size(), " ", c.Writer.Status())
}
