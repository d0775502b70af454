package golden

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/tree"
)

// What a project does not have, its prose does not speak of.
func TestProseFollowsTheOptions(t *testing.T) {
	words := func(list ...string) []string { return list }
	all := trees(t)
	for i, c := range Combinations() {
		for _, alone := range []bool{false, true} { // with no front end on another origin
			o, whole := c.Options(), all[i]
			if alone && i%4 > 0 { // every fourth is enough
				continue
			}
			if alone {
				var err error
				o.CORSOrigins, o.Demo = nil, false
				if whole, err = Engine.Render(o, Secrets); err != nil {
					t.Fatalf("%v: %v", c, err)
				}
			}
			for _, part := range []struct {
				on    bool
				words []string
			}{
				{o.Captcha.Enabled, words("captcha", "picture", "/code", "`code`", "svg")},
				{o.Captcha.PoW, words("altcha", "/code/work", "work_wrong")},
				{!alone, words("cors", "credentials", "front ends")},
				{o.Demo, words("./demo", "`demo/", "axios (mit")},
				{o.Docker, words("docker ", "healthcheck")},
				{o.CSRFToken, words("csrf", "session's token")},
				{o.ListsSessions(), words("get /sessions", "/sessions/{id}")},
				{o.Accounts == "table", words("smtp_url", "/register", "mailbox", "create-user", "zxcvbn")},
				{o.Accounts == "env", words("account_username", "hash-password")},
				{o.MagicLink, words("/login/link", "#login=")},
				{o.ClearSiteData, words("clear-site-data")},
				{o.KoaKeys, words("koa_", "koa service", "koakeys")},
				{o.Store == "sqlite", words("sqlite")},
				{o.Store == "postgres", words("postgresql", "pg_isready")},
				{o.Store == "cookie", words("xaes")},
			} {
				if part.on {
					continue
				}
				for _, f := range prose(whole) {
					text := strings.ToLower(string(f.Data))
					for _, word := range part.words {
						if before, after, found := strings.Cut(text, word); found {
							rest, _, _ := strings.Cut(after, "\n")
							line := before[strings.LastIndexByte(before, '\n')+1:] + word + rest
							t.Errorf("%v, other origins %v: %s speaks of %q: %s", c, !alone, f.Path, word, line)
						}
					}
				}
				if t.Failed() {
					return
				}
			}
		}
	}
}

// prose are the texts of a tree; of sessionseed.yaml only the head, since the rest
// describes the options themselves.
func prose(whole *tree.Tree) []tree.File {
	var list []tree.File
	for _, f := range texts(whole) {
		switch f.Path {
		case "README.md", ".env", ".env.example", "compose.yaml", "Dockerfile", ".dockerignore",
			".github/workflows/ci.yml", ".gitignore":
			list = append(list, f)
		case "sessionseed.yaml":
			head, _, _ := strings.Cut(string(f.Data), "\n\n")
			list = append(list, tree.File{Path: f.Path, Data: []byte(head)})
		}
	}
	return list
}
