// Package mount finds out which router a Go service uses and where it serves, and says
// what its owner has to write there to mount the sessions. It reads, and changes
// nothing.
package mount

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Mount is what to write.
type Mount struct {
	Router string `json:"router"` // as it is called, net/http for none
	// File is the file to edit, relative to the module; empty where no place was found
	// that serves, and Edits are then an example.
	File    string   `json:"file,omitempty"`
	Imports []string `json:"imports"` // to add, as they are written in an import block
	Edits   []Edit   `json:"edits"`   // from top to bottom; lines are numbered as before all edits
	// Notes are facts about the service that concern whoever mounts, one sentence each.
	Notes []string `json:"notes,omitempty"`
}

// Edit is text to insert before line Line of the file, in place of Remove lines.
type Edit struct {
	Line   int    `json:"line"`
	Remove int    `json:"remove"`
	Text   string `json:"text"` // whole lines, indented
}

// Apply makes the edits in the text of the file.
func (m *Mount) Apply(src []byte) []byte {
	lines := bytes.SplitAfter(src, []byte("\n"))
	for _, e := range slices.Backward(m.Edits) {
		lines = slices.Replace(lines, e.Line-1, e.Line-1+e.Remove, []byte(e.Text))
	}
	return bytes.Join(lines, nil)
}

// router is one that is known.
type router struct {
	name, path string   // path is the import path, without a major version
	makers     []string // functions that make one
	serves     []string // methods that listen and serve at the address that is their first argument
}

var routers = []router{
	{"chi", "github.com/go-chi/chi", []string{"NewRouter", "NewMux"}, nil},
	{"gin", "github.com/gin-gonic/gin", []string{"Default", "New"}, []string{"Run", "RunTLS"}},
	{"echo", "github.com/labstack/echo", []string{"New"}, []string{"Start", "StartTLS"}},
	{"fiber", "github.com/gofiber/fiber", []string{"New"}, []string{"Listen"}},
	{"gorilla/mux", "github.com/gorilla/mux", []string{"NewRouter"}, nil},
}

func (r router) is(importPath string) bool {
	rest, ok := strings.CutPrefix(importPath, r.path)
	return ok && (rest == "" || len(rest) > 2 && rest[:2] == "/v" && strings.Trim(rest[2:], "0123456789") == "")
}

// example is for a service whose place to serve was not found.
func example(goMod, web string) *Mount {
	m := &Mount{Router: "net/http", Imports: []string{strconv.Quote(web)}}
	last := "http.ListenAndServe(addr, sessions.Handler(router))"
	for _, r := range routers {
		required := regexp.MustCompile(regexp.QuoteMeta(r.path) + `(/v\d+)? .*`).FindStringSubmatch(goMod)
		if required != nil && !strings.Contains(required[0], "// indirect") {
			m.Router = r.name
			if r.name == "fiber" {
				m.Imports = append(m.Imports, strconv.Quote(r.path+required[1]+"/middleware/adaptor"))
				last = "app.Use(adaptor.HTTPMiddleware(sessions.Handler))"
			}
			break
		}
	}
	m.Edits = []Edit{{Text: "sessions := web.MustOpen()\ndefer sessions.Close()\n" + last + "\n"}}
	return m
}
