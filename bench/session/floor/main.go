// Command floor measures the bare handler, and what no read of ours can do without.
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

	"github.com/sessionseed/sessionseed/templates/service/bench/session/subject"
)

func main() { subject.Main(library, nil) }

// library has the bare handler, and what a read of ours cannot do without: the HMAC of its id, the SHA-256 that the
// store knows it by, a look into a map, and the JSON of its value.
func library(int) (map[subject.Route]http.Handler, []*http.Request, error) {
	key := bytes.Repeat([]byte{1}, 32)
	id := base64.RawURLEncoding.EncodeToString(key)
	payload, err := json.Marshal(subject.Values{User: "ann", Count: 1, Theme: "dark"})
	if err != nil {
		return nil, nil, err
	}
	var mu sync.RWMutex
	records := map[[sha256.Size]byte][]byte{sha256.Sum256([]byte(id)): payload}
	macs := sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}
	read := func(w http.ResponseWriter, _ *http.Request) {
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
		var v subject.Values
		if err := json.Unmarshal(record, &v); err != nil || v.User != "ann" {
			panic("the session was not found")
		}
		w.Write(subject.Body)
	}
	return map[subject.Route]http.Handler{subject.Untouched: http.HandlerFunc(subject.Bare),
			subject.Read: http.HandlerFunc(read)},
		[]*http.Request{httptest.NewRequest("GET", "/", nil)}, nil
}
