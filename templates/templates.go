// Package templates embeds what projects are made of.
//
//   - service/ is the living template: a real Go program, compiled, vetted and
//     tested in place (go run ./templates/service). A file's path under
//     service/ is its path in the emitted project.
//   - text/ holds text/template sources, for prose only (README, .env,
//     Dockerfile, CI). No Go source is ever made from text/template.
//   - modules.txtar holds go.mod and go.sum of each component that has
//     dependencies, recorded by go generate.
//
// The contract for code under service/:
//
//   - It imports the standard library; in a store's own package that store's
//     driver, and in those of accounts and mail what they need; never the
//     generator.
//   - Every file is claimed by a row of generator/render/components.go.
//   - What a project chooses stands as named constants in
//     internal/config/defaults.go, captcha.go and sessions.go, or in a region
//     "//sessionseed:if word" ... "//sessionseed:end" of whole statements,
//     fields or elements. Regions do not nest and have no else; a test counts
//     them.
//   - .env and other dot files live in text/, since a .gitignore under
//     service/ would act on this repository.
package templates

import (
	"embed"
	"io/fs"
)

//go:generate go run gen.go

//go:embed all:service all:text modules.txtar
var files embed.FS

// FS returns the template tree: service/, text/ and modules.txtar.
func FS() fs.FS { return files }
