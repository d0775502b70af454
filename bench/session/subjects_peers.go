package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/memstore"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"
)

var keys = [2][]byte{bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)}

// gorilla keeps the session in a cookie, signed and encrypted, which is what gorilla/sessions has itself; it knows no
// store in memory. It has no middleware either, so its untouched route is the bare one.
func gorilla(n int) (map[route]http.Handler, []*http.Request, error) {
	store := sessions.NewCookieStore(keys[0], keys[1])
	get := func(r *http.Request) *sessions.Session {
		s, err := store.Get(r, "id")
		if err != nil {
			panic(err)
		}
		return s
	}
	save := func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		if err := s.Save(r, w); err != nil {
			panic(err)
		}
	}
	known, err := open(n, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := get(r)
		s.Values["user"], s.Values["count"], s.Values["theme"] = "ann", 1, "dark"
		save(w, r, s)
	}))
	if err != nil {
		return nil, nil, err
	}
	routes := map[route]http.HandlerFunc{
		untouched: bare,
		read: func(w http.ResponseWriter, r *http.Request) {
			if get(r).Values["user"] != "ann" {
				panic("the session was not found")
			}
			w.Write(body)
		},
		write: func(w http.ResponseWriter, r *http.Request) {
			s := get(r)
			s.Values["count"] = s.Values["count"].(int) + 1
			save(w, r, s)
			w.Write(body)
		},
	}
	return wrap(own, routes), known, nil
}

// own gives each round a request of its own, as from a server: gorilla/sessions, which gin-contrib/sessions is built on, keeps what it
// has read in the request itself.
func own(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		copied := *r
		h.ServeHTTP(w, &copied)
	})
}

// ofGin is gin with the memory store of gin-contrib/sessions. The cost of gin's own routing is in them.
func ofGin(n int) (map[route]http.Handler, []*http.Request, error) {
	gin.SetMode(gin.ReleaseMode)
	store := memstore.NewStore(keys[0], keys[1])
	handler := func(h gin.HandlerFunc) http.Handler {
		engine := gin.New()
		engine.Use(ginsessions.Sessions("id", store))
		engine.GET("/", h)
		return own(engine)
	}
	save := func(s ginsessions.Session) {
		if err := s.Save(); err != nil {
			panic(err)
		}
	}
	known, err := open(n, handler(func(c *gin.Context) {
		s := ginsessions.Default(c)
		s.Set("user", "ann")
		s.Set("count", 1)
		s.Set("theme", "dark")
		save(s)
	}))
	if err != nil {
		return nil, nil, err
	}
	return map[route]http.Handler{
		untouched: handler(func(c *gin.Context) { c.Writer.Write(body) }),
		read: handler(func(c *gin.Context) {
			if ginsessions.Default(c).Get("user") != "ann" {
				panic("the session was not found")
			}
			c.Writer.Write(body)
		}),
		write: handler(func(c *gin.Context) {
			s := ginsessions.Default(c)
			s.Set("count", s.Get("count").(int)+1)
			save(s)
			c.Writer.Write(body)
		}),
	}, known, nil
}

// floor is what reading a session cannot do without: the HMAC of its id, the SHA-256 that the store knows it by, a look into
// a map, and the JSON of its value. It uses nothing twice, unlike the session package.
func floor() (running, error) {
	id := base64.RawURLEncoding.EncodeToString(keys[0])
	payload, err := json.Marshal(values{User: "ann", Count: 1, Theme: "dark"})
	if err != nil {
		return running{}, err
	}
	var mu sync.RWMutex
	records := map[[sha256.Size]byte][]byte{sha256.Sum256([]byte(id)): payload}
	macs := sync.Pool{New: func() any { return hmac.New(sha256.New, keys[0]) }}
	return running{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mac := macs.Get().(interface {
			Write(b []byte) (int, error)
			Sum(b []byte) []byte
			Reset()
		})
		mac.Reset()
		mac.Write([]byte(id))
		var sum [sha256.Size]byte
		mac.Sum(sum[:0])
		macs.Put(mac)
		mu.RLock()
		record := records[sha256.Sum256([]byte(id))]
		mu.RUnlock()
		var v values
		if err := json.Unmarshal(record, &v); err != nil || v.User != "ann" {
			panic("the session was not found")
		}
		w.Write(body)
	}), []*http.Request{httptest.NewRequest("GET", "/", nil)}}, nil
}
