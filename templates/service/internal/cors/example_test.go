package cors_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/cors"
)

func Example() {
	c, err := cors.New(cors.Config{
		Origins: []string{"https://app.example.com"},
		Methods: []string{"GET", "POST"},
		Headers: []string{"Content-Type"},
		MaxAge:  10 * time.Minute,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := c.Wrap(http.NotFoundHandler())

	r := httptest.NewRequest("GET", "https://api.example.com/missing", nil)
	r.Header.Set("Origin", "https://app.example.com")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Access-Control-Allow-Origin"))
	// Output: 404 https://app.example.com
}

// A list that no browser could match is refused when the service starts.
func ExampleNew_misuse() {
	_, err := cors.New(cors.Config{Origins: []string{"*", "https://app.example.com/"}})
	fmt.Println(err)
	// Output:
	// origin "*" would let every web site use the session; list each front end, such as https://app.example.com
	// origin "https://app.example.com/" is not an origin as browsers send it; write https://app.example.com
}
