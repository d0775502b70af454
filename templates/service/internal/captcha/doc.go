// Package captcha draws pictures of characters that programs cannot simply read off, and checks the answers.
//
// # Use
//
// A [Generator] draws, from the same options as the npm package svg-captcha. A [Desk] hands pictures out and takes the
// answers; it needs a [Ledger], which the session store is. Keep the [Pending] it returns in the visitor's session
// and send only the SVG:
//
//	generator, err := captcha.New(captcha.Defaults())
//	desk := captcha.NewDesk(generator, store, captcha.DeskOptions{})
//
//	// GET /code
//	pending, svg, err := desk.Issue("login")
//	session.V.Code = pending
//	w.Header().Set("Content-Type", "image/svg+xml")
//	w.Header().Set("Cache-Control", "no-store")
//	w.Write(svg)
//
//	// POST /login, before the password is looked at
//	err := desk.Verify(ctx, session.V.Code, "login", form.Code)
//	var wrong *captcha.WrongError
//	switch {
//	case errors.As(err, &wrong): // wrong.Left more tries
//	case errors.Is(err, captcha.ErrExpired), errors.Is(err, captcha.ErrUsed), errors.Is(err, captcha.ErrNone): // show a new picture
//	case err != nil: // the ledger failed
//	}
//
// # What is promised
//
// The text stays on the server: it is in no picture as text, in no error, and printing or logging a [Pending] or a
// [Challenge] hides it. A picture has its own expiry (5 minutes) and takes 3 tries; it is used up by the right answer and by
// the last wrong one. Of several right answers sent at the same time exactly one is accepted, also when they reach different
// processes that share a ledger. Answers are compared in constant time, without regard to case, white space, full-width forms, and
// characters that the preset leaves out because they look alike.
//
// If the ledger is memory of one process (the cookie and memory stores), the tries and the used pictures are
// counted in that process alone: behind a load balancer each instance then counts for itself.
//
// # The picture
//
// Characters are drawn from real font outlines (the Go fonts, see LICENSE.gofonts). The points of each outline are chosen at random on
// it, in random number, the whole is bent, crossed by ribbons, joined by short strokes beside it, cut by random lines into
// overlapping pieces, and written as one path of one colour in random order. So no part of the markup is a character, and none
// repeats. All parts are walked the same way round; opposite ones would cancel where they overlap.
//
// A picture is drawn in this order: compose (layout.go) and disturb (noise.go) make shapes, cutUp (cut.go) divides them, and assemble
// (svg.go) writes the pieces, all on one canvas, which is used again for the next picture.
//
// # What it is not
//
// The picture is a speed bump. It stops programs that read the markup, and common text recognition, most of the time; a neural
// network trained for it reads it. Limit the rate of whatever it protects. And it shuts out people who cannot
// see it: offer another way as well, such as the proof of work of pow.go if this project has it (WCAG 2.2, 1.1.1 and 3.3.8). A sum
// instead of characters is no such way: it is still a picture, and has few different answers.
package captcha
