// A service in gin as many are: gin-contrib/sessions with its cookie store, and gin-contrib/cors. FAULT names what is
// wrong with it.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/gin-contrib/cors"
	"github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
)

func main() {
	page, fault := os.Getenv("PAGE"), os.Getenv("FAULT")
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	policy := cors.Config{AllowOrigins: []string{page}, AllowHeaders: []string{"Content-Type"}, AllowCredentials: true}
	if fault == "default cors" {
		policy = cors.DefaultConfig()
		policy.AllowAllOrigins = true
	}
	r.Use(cors.New(policy))
	store := cookie.NewStore([]byte("not a secret here"))
	options := sessions.Options{Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	switch fault {
	case "options left out":
		options = sessions.Options{Path: "/"}
	case "path left out":
		options.Path = ""
	}
	store.Options(options)
	r.Use(sessions.Sessions("mysession", store))

	type answer struct {
		Session any `json:"session"`
	}
	r.Use(func(c *gin.Context) { c.Header("Cache-Control", "no-store") })
	r.GET("/v1/code", func(c *gin.Context) { c.JSON(http.StatusOK, answer{""}) })
	r.POST("/v1/auth/login", func(c *gin.Context) {
		var body struct{ User string }
		if c.ShouldBindJSON(&body) != nil || body.User != "ann" {
			c.JSON(http.StatusUnauthorized, answer{""})
			return
		}
		session := sessions.Default(c)
		session.Set("user", body.User)
		session.Save()
		c.JSON(http.StatusOK, answer{body.User})
	})
	r.GET("/v1/me", func(c *gin.Context) {
		user := sessions.Default(c).Get("user")
		if user == nil {
			c.JSON(http.StatusUnauthorized, answer{""})
			return
		}
		c.JSON(http.StatusOK, answer{user})
	})

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	r.RunListener(listener)
}
