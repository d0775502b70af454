// Command gin measures github.com/gin-contrib/sessions with its memory store.
package main

import (
	"bytes"
	"net/http"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/memstore"
	"github.com/gin-gonic/gin"

	"github.com/sessionseed/sessionseed/templates/service/bench/session/subject"
)

func main() { subject.Main(library, nil) }

var keys = [2][]byte{bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)}

// library is gin with the memory store of gin-contrib/sessions. The cost of gin's own routing is in it.
func library(n int) (map[subject.Route]http.Handler, []*http.Request, error) {
	gin.SetMode(gin.ReleaseMode)
	store := memstore.NewStore(keys[0], keys[1])
	handler := func(h gin.HandlerFunc) http.Handler {
		engine := gin.New()
		engine.Use(ginsessions.Sessions("id", store))
		engine.GET("/", h)
		return subject.Own(engine)
	}
	save := func(s ginsessions.Session) {
		if err := s.Save(); err != nil {
			panic(err)
		}
	}
	known, err := subject.Open(n, handler(func(c *gin.Context) {
		s := ginsessions.Default(c)
		s.Set("user", "ann")
		s.Set("count", 1)
		s.Set("theme", "dark")
		save(s)
	}))
	if err != nil {
		return nil, nil, err
	}
	return map[subject.Route]http.Handler{
		subject.Untouched: handler(func(c *gin.Context) { c.Writer.Write(subject.Body) }),
		subject.Read: handler(func(c *gin.Context) {
			if ginsessions.Default(c).Get("user") != "ann" {
				panic("the session was not found")
			}
			c.Writer.Write(subject.Body)
		}),
		subject.Write: handler(func(c *gin.Context) {
			s := ginsessions.Default(c)
			s.Set("count", s.Get("count").(int)+1)
			save(s)
			c.Writer.Write(subject.Body)
		}),
	}, known, nil
}
