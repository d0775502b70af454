package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// judgeBearer recognises a service that hands out a token in a body and knows its visitors by Authorization.
func (e *examination) judgeBearer(ctx context.Context) bool {
	check := e.last("check")
	if check == nil || e.nobody != nil && e.differs(e.nobody) {
		return false
	}
	var evidence []string
	extra, scheme := http.Header{}, ""
	switch post := e.login(); {
	case e.o.Headers.Get("Authorization") != "":
		evidence = append(evidence, check.says()+" with the Authorization header")
	case post != nil && post.ok() && tokenIn(post.answer().body) != "":
		extra.Set("Authorization", "Bearer "+tokenIn(post.answer().body))
		scheme = ": Bearer"
		evidence = append(evidence, post.says()+" with a token in its body")
	default:
		return false
	}
	as := func(step string, header http.Header) *trip {
		t, err := e.travel(ctx, &jar{}, step, http.MethodGet, e.check, header)
		if err != nil {
			return nil
		}
		return t
	}
	with := as("check with Authorization", extra)
	without := as("check without Authorization", http.Header{"Authorization": nil})
	if with == nil || without == nil || with.answer().status == without.answer().status {
		return false
	}
	e.add("bearer-token", "check", append(evidence, fmt.Sprintf("%s with Authorization%s and %d without it",
		with.says(), scheme, without.answer().status))...).replace("{scheme}", scheme)
	if e.crossOrigin {
		e.askPermission(ctx, with, with.hops[0])
	}
	return true
}

// tokenIn returns the token of a JSON answer to a login, or "".
func tokenIn(body []byte) string {
	var answer any
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	var search func(v any, depth int) string
	search = func(v any, depth int) string {
		fields, _ := v.(map[string]any)
		for name, value := range fields {
			text, isText := value.(string)
			switch strings.ToLower(strings.ReplaceAll(name, "_", "")) {
			case "token", "accesstoken", "jwt", "idtoken", "authtoken", "bearertoken":
				if isText && len(text) >= 8 {
					return text
				}
			}
		}
		for _, value := range fields {
			if token := ""; depth > 0 {
				if token = search(value, depth-1); token != "" {
					return token
				}
			}
		}
		return ""
	}
	return search(answer, 1)
}
