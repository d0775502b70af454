package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
)

// work asks for a task and solves it, as a browser would.
func (b *browser) work() string {
	b.t.Helper()
	answer := b.do("GET", "/code/work", nil)
	var task struct {
		Algorithm, Challenge, Salt, Signature string
		MaxNumber                             int
	}
	if err := json.Unmarshal([]byte(answer.body), &task); err != nil || answer.status != http.StatusOK {
		b.t.Fatalf("GET /code/work: %d %s, %v", answer.status, answer.body, err)
	}
	for n := range task.MaxNumber + 1 {
		if sum := sha256.Sum256([]byte(task.Salt + strconv.Itoa(n))); hex.EncodeToString(sum[:]) == task.Challenge {
			solution, err := json.Marshal(map[string]any{"algorithm": task.Algorithm, "challenge": task.Challenge,
				"number": n, "salt": task.Salt, "signature": task.Signature})
			if err != nil {
				b.t.Fatal(err)
			}
			return base64.StdEncoding.EncodeToString(solution)
		}
	}
	b.t.Fatal("the task has no solution")
	return ""
}

func TestWorkInsteadOfPicture(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	solution := b.work()
	login := b.credentials(username, password)
	delete(login, "code")
	if answer := b.do("POST", "/login", login); answer.status == http.StatusOK {
		t.Fatal("logged in without picture and task")
	}
	login["altcha"] = solution
	if answer := b.do("POST", "/login", login); answer.status != http.StatusOK {
		t.Fatalf("login with a solved task: %d %s", answer.status, answer.body)
	}
	other := b.service.browser(frontEnd)
	if answer := other.do("POST", "/login", login); answer.status != http.StatusGone {
		t.Errorf("the same solution again: %d %s, want 410", answer.status, answer.body)
	}
}

func TestWorkIsChecked(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	zeros := hex.EncodeToString(make([]byte, 32))
	for name, solution := range map[string]string{
		"no base64": "???",
		"no JSON":   base64.StdEncoding.EncodeToString([]byte("{")),
		"forged": base64.StdEncoding.EncodeToString([]byte(`{"algorithm":"SHA-256","challenge":"` + zeros +
			`","number":1,"salt":"a?expires=99999999999&","signature":"` + zeros + `"}`)),
	} {
		login := b.credentials(username, password)
		delete(login, "code")
		login["altcha"] = solution
		if answer := b.do("POST", "/login", login); answer.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s, want 422", name, answer.status, answer.body)
		}
	}
}
