// Package session gives each visitor of a net/http service a session: a value of the owner's own type that is there again in
// the next request.
//
//	type Session struct {
//		Cart []string `json:"cart,omitempty"`
//	}
//
//	cfg := session.Defaults()
//	cfg.Store = store           // one of internal/store
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
// There is no call to save: what the handler did to V is found and saved before the first byte of its answer.
//
// # A request, step by step
//
//   - manager.go: Middleware wraps the response writer and the request's context. A handler that never calls Get stops here: no
//     store access, no cookie, no Vary header.
//   - load.go: the first Get finds the cookie (cookie.go), checks its signature (sign.go) or opens its seal (sealed.go), fetches the
//     record, checks its limits (envelope.go) and whether its user's sessions were ended (stamp.go), and decodes V, unless it has
//     decoded the same bytes lately (recent.go). Whatever a stranger sends ends in an anonymous session and an [Event]; only a store
//     that does not answer is an error.
//   - The handler works with the [Session].
//   - writer.go: at the handler's first Write, WriteHeader, Flush, Hijack or ReadFrom, or at its end, the session is
//     committed (commit.go): V is compared with what was loaded (change.go), written (write.go, move.go, sealed_write.go), merged
//     with what other requests wrote meanwhile (merge.go), or only extended (touch.go). Then the cookie is set, then the headers go
//     out.
//
// # How long a session lives
//
// Two limits, both kept at the server: MaxAge counts from the last save (or for browser sessions IdleTimeout from the last visit), and
// AbsoluteMaxAge from the beginning or the last SignIn. With a MaxAge of one hour:
//
//	                     visits that change nothing      a session visited every 10 minutes ends
//	default              extend nothing                  1 h after its last change
//	Renew                extend it once under 30 min     at AbsoluteMaxAge
//	Rolling              extend it each time             at AbsoluteMaxAge
//	BrowserSession       extend it every 5 % of          at AbsoluteMaxAge, or when the browser closes
//	                     IdleTimeout, without a cookie
//
// A session is alive in its last millisecond and over in the next. Renew saves writes: at most two in each MaxAge.
//
// # Requests at the same time
//
// One browser often sends several requests at once. Changes of different top-level JSON fields of V all count; where two
// change the same field, the later answer wins. A session that was ended, by Destroy, EndAll or its limits, never comes back through a
// request that was slower; what that one changed is dropped, and its answer says nothing about the cookie, since by then the browser
// may have that of a newer login. Both hold across processes if the store has Swap, as all of internal/store have; see [AsSwapper].
// A *Session itself belongs to the goroutine of its request. Put http.TimeoutHandler outside of Middleware and not inside.
//
// # When something fails
//
// If the session cannot be loaded or saved, the handler's answer is dropped and Config.ErrorHandler answers, by default 503. A
// status of 500 and more, and a panic, save nothing. After the headers are out, a change of a session that the browser knows is still saved;
// anything else is [ErrLate], as an error where there is a call to return it, and as an event and a log line in any case.
//
// # Signing in and out
//
// SignIn after the credentials were checked, Destroy at logout, SignOutOthers after a change of password, [Manager.EndAll] when an
// account is closed, [Manager.RequireFresh] around what must not happen at a screen that was left alone.
//
// With Config.MaxSessions users can see where they are signed in, and end one of those sessions: [Manager.Sessions] and
// [Manager.End] (list.go). With Config.RotateEvery the id changes at intervals (rotate.go).
//
// # Security
//
// The cookie holds a random id of 256 bits with an HMAC-SHA256; the store knows only its SHA-256. Unknown ids are never adopted. No token
// gets into a log or an event: [Session.ID] is for that. The tests that are named TestASVS_..., TestNIST_... and TestCS_...
// each show the requirement of that number (OWASP ASVS 5.0, NIST SP 800-63B-4, OWASP's session management cheat sheet). Against
// CSRF use http.CrossOriginProtection, and where a token in each request is asked for also, [Manager.RequireToken].
//
// With a store that is a [Sealer] the whole session is in the cookie, encrypted. It then holds at most 4096 bytes with its name;
// requests at the same time are not merged; and a copied cookie outlives its logout on other instances unless they share
// Config.Stamps.
//
// Several managers may share a store. Their sessions and users have nothing to do with each other.
package session
