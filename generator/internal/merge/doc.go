// Package merge joins the owner's edits with a new generation of the same
// file: a three-way merge that knows what it merges.
//
// File is the entry for the engine. It looks at the path and merges
//
//   - go.mod by requirement and go.sum by union (package gomod);
//   - everything else by lines (package textmerge), as git merge-file does, against which the
//     tests hold it;
//   - and what lines cannot join by structure: Go by declaration, field,
//     statement and argument, YAML by key, .env and lists of patterns by line,
//     Markdown by heading and paragraph. The import block of Go is a set.
//
// A file becomes a tree of nodes (package treemerge), each a stretch of its text with the
// comments before it; a builder for each language makes it (gotree.go, gosyntax.go,
// yamlfile.go, textfile.go). Package treemerge merges the trees from the top: an
// element that one side changed is that side's, one that both changed is merged
// by lines if that is clean, else by its parts. It pairs the items of a list, and
// joins what the sides did between two items that all have. The result is made of the sides' own bytes; Go is formatted
// afterwards, if ours was.
//
// Two sides conflict where they changed the same element in different ways, where
// one deleted or moved what the other changed, and where both declare the same
// name. Two additions in one place are kept, ours first, and an addition beside a
// deletion too.
//
// Line endings and a missing final newline are the owner's: a file that an
// editor or git has turned to CRLF merges like any other and stays CRLF.
//
//	r, err := merge.File("internal/web/routes.go", base, ours, theirs, textmerge.Options{})
//	if err != nil {
//		// no conflict, and still no good
//	}
//	if len(r.Conflicts) > 0 {
//		// r.Data holds diff3 markers; do not write it unasked
//	}
//	if r.Structural {
//		// compile it; if that fails, merge with LinesOnly
//	}
//
// All functions are pure and may be used by several goroutines at once.
package merge
