// Package merge joins the owner's edits with a new generation of the same
// file: a three-way merge (diff3) that knows what it merges.
//
// File is the entry for the engine. It looks at the path and merges
//
//   - Go source by lines compared without runs of blanks, so that a realigned
//     struct is no conflict, with the import block merged as a set, and formats
//     the result if the owner's file was formatted;
//   - go.mod by requirement and go.sum by union (GoMod, GoSum);
//   - everything else by lines (Merge).
//
// Line endings and a missing final newline are the owner's: a file that an
// editor or git has turned to CRLF merges like any other and stays CRLF.
//
//	r, err := merge.File("internal/web/routes.go", base, ours, theirs, merge.Options{})
//	if err != nil || len(r.Conflicts) > 0 {
//		// r.Data holds diff3 markers; do not write it unasked
//	}
//
// A change of one side is never dropped, and two changes that overlap or touch
// are a conflict unless they are equal, as in git merge-file, against which the
// tests hold this package. All functions are pure and may be used by several
// goroutines at once.
package merge
