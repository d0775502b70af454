package captcha_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

func Example() {
	generator, err := captcha.New(captcha.Defaults())
	if err != nil {
		fmt.Println(err)
		return
	}
	var store ledger // in a service: the session store
	desk := captcha.NewDesk(generator, &store, captcha.DeskOptions{})

	// A request for a picture: keep pending in the visitor's session, send svg.
	pending, svg, err := desk.Issue("login")
	fmt.Println(strings.HasPrefix(string(svg), "<svg "), err)

	// Requests with an answer. The visitor mistypes, then does better.
	err = desk.Verify(context.Background(), pending, "login", "no idea")
	var wrong *captcha.WrongError
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Left, "tries left")
	}
	fmt.Println(desk.Verify(context.Background(), pending, "login", pending.Answer))
	fmt.Println(desk.Verify(context.Background(), pending, "login", pending.Answer))
	// Output:
	// true <nil>
	// 2 tries left
	// <nil>
	// captcha: used up: fetch a new picture
}
