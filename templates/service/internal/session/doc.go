// Package session gives each visitor of a net/http service a session: a value of your own type that is there again in
// the next request.
//
//	type Session struct {
//		Cart []string `json:"cart,omitempty"`
//	}
//
//	cfg := session.Defaults()
//	cfg.Store = store           // one of the packages in store
//	cfg.Keys = [][]byte{secret} // 32 random bytes
//	sessions, err := session.New[Session](cfg)
//
//	handler := sessions.Middleware(mux)
//
//	func add(w http.ResponseWriter, r *http.Request) {
//		s := sessions.Get(r)
//		s.V.Cart = append(s.V.Cart, r.FormValue("item"))
//	}
//
// There is no call to save: before the first byte of the response, V is compared with what was loaded, and saved if it
// differs. A handler that never calls Get costs no store access.
//
// # How long a session lives
//
// Two limits, both enforced on the server: MaxAge counts from the last save, AbsoluteMaxAge from the beginning or the
// last SignIn. With a MaxAge of one hour:
//
//	                     visits that change nothing      a session visited every 10 minutes ends
//	default              extend nothing                  1 h after its last change
//	Renew                extend it if under 30 min left  at AbsoluteMaxAge
//	Rolling              extend it each time             at AbsoluteMaxAge
//	BrowserSession       extend it every 5 % of          at AbsoluteMaxAge, or when the browser closes
//	                     IdleTimeout, without a cookie
//
// # Requests at the same time
//
// Changes of different top-level JSON fields of V are all kept; of the same field, only that of the later response. A
// session that was ended never comes back through a slower request. Both hold across processes, since every
// write is a compare-and-swap (see [Store]). Put http.TimeoutHandler outside Middleware, not inside.
//
// # When something fails
//
// If the session cannot be loaded or saved, Config.ErrorHandler answers in place of the handler, as [Status] says.
// A status of 500 and more, and a panic, save nothing, but Destroy ends the session in any case (without AutoCommit,
// in Commit). A change after the headers is not saved, and reported as [ErrLate].
//
// # Security
//
// The cookie holds a random id of 256 bits, after a sign-in a hash of the user's id, and an HMAC-SHA256. The store has
// only the SHA-256 of the id. Unknown ids are never adopted. No token gets into a log or an event: log [Session.ID]
// instead. Against CSRF use http.CrossOriginProtection.
//
// With a store that is a [Carrier] the whole session is in the cookie, encrypted: about 2900 bytes of the 4096 that a
// cookie may have. Parallel requests are not merged then, a copied cookie outlives its logout on other instances, and
// an older cookie can be put back: a counter or a one-time flag is not safe there.
package session
