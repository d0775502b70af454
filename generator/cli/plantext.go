package cli

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/changeset"
)

// shortList is how many lines of changes or findings are printed without --verbose.
const shortList = 14

// manyFiles is how many files it takes for their directory to stand for them.
const manyFiles = 3

// planText lists the changes of options and files. Unless all are wanted, files of
// one directory with the same fate share a line, and those that concern the owner's
// edits come first.
func planText(cs *changeset.Set, all bool) string {
	var b strings.Builder
	for _, c := range cs.Options {
		fmt.Fprintf(&b, "%s: %s -> %s\n", c.Name, oneLine(orEmpty(c.Old)), oneLine(orEmpty(c.New)))
	}
	if cs.From != cs.To && cs.From != "" {
		fmt.Fprintf(&b, "sessionseed: %s -> %s\n", oneLine(cs.From), oneLine(cs.To))
	}
	var gone []string
	files := slices.DeleteFunc(slices.Clone(cs.Files), func(f changeset.FileChange) bool {
		if f.Action == changeset.DeletedByOwner && f.News() && !all {
			if !slices.Contains(cs.Notes, f.Path+" "+f.Note) {
				gone = append(gone, oneLine(f.Path))
			}
			return true
		}
		return !f.News() && (f.Action != changeset.DeletedByOwner || !all)
	})
	if !all {
		slices.SortStableFunc(files, func(a, b changeset.FileChange) int { return rank(a) - rank(b) })
	}
	for lines := len(cs.Options); len(files) > 0; lines++ {
		if !all && lines >= shortList {
			fmt.Fprintf(&b, "  ... and %s; --verbose lists all\n", count(len(files), "more file", "more files"))
			break
		}
		n := 1
		if !all {
			n = alike(files)
		}
		b.WriteString(fileText(files[0], n))
		files = files[n:]
	}
	if len(gone) > 0 {
		b.WriteString(wrap(fmt.Sprintf("  %-8s ", changeset.DeletedByOwner), someOf(gone, manyNamed, "")+
			": deleted by you, and changed by the generator since; --restore brings back what you deleted",
			textWidth) + "\n")
	}
	for _, text := range cs.Warnings {
		b.WriteString(wrap("  warning: ", text, textWidth) + "\n")
	}
	return b.String() + notesText(cs.Notes)
}

// rank puts what the owner has to look at before what happens by itself.
func rank(f changeset.FileChange) int {
	switch f.Action {
	case changeset.Add, changeset.Update, changeset.Delete:
		if f.Note == "" {
			return 1
		}
	}
	return 0
}

// fileText is the line of one file, or of the directory of n files.
func fileText(f changeset.FileChange, n int) string {
	line := fmt.Sprintf("  %-8s %s", f.Action, oneLine(f.Path))
	if n > 1 {
		line = fmt.Sprintf("  %-8s %s/ (%d files)", f.Action, oneLine(path.Dir(f.Path)), n)
	}
	if f.RenamedFrom != "" {
		line += " (was " + oneLine(f.RenamedFrom) + ")"
	}
	if len(f.Why) > 0 {
		line += "  [" + joinWords(f.Why) + "]"
	}
	if f.Note != "" {
		line += "\n" + wrap("             ", oneLine(f.Note), textWidth)
	}
	return line + "\n"
}

// alike is how many files at the head of a list share a line: those of one
// directory with the same fate, if they are many.
func alike(files []changeset.FileChange) int {
	first := files[0]
	n := 1
	for n < len(files) {
		f := files[n]
		if path.Dir(f.Path) != path.Dir(first.Path) || path.Dir(f.Path) == "." || f.Action != first.Action ||
			f.Note != first.Note || !slices.Equal(f.Why, first.Why) || f.RenamedFrom != first.RenamedFrom {
			break
		}
		n++
	}
	if n < manyFiles {
		return 1
	}
	return n
}

func notesText(notes []string) string {
	var b strings.Builder
	for _, n := range notes {
		b.WriteString(wrap("  ", oneLine(n), textWidth) + "\n")
	}
	return b.String()
}

// wouldText counts what a plan would do, and says that it was not done.
func wouldText(cs *changeset.Set) string {
	written, deleted := 0, 0
	for _, f := range cs.Files {
		switch {
		case f.Before.Equal(f.After) && f.Action != changeset.Conflict:
		case f.After == nil:
			deleted++
		default:
			written++
		}
	}
	if written+deleted == 0 {
		return "Would bring the record in .sessionseed/ up to date. Nothing was written.\n"
	}
	text := "Would write " + count(written, "file", "files")
	if deleted > 0 {
		text += fmt.Sprintf(" and delete %d", deleted)
	}
	return text + ". Nothing was written.\n"
}

func (a *app) appliedText(r *changeset.Result, dir string) string {
	if r.Written+r.Deleted == 0 {
		return "Brought the record in .sessionseed/ up to date; no other file changed.\n" + notesText(r.Notes)
	}
	text := "Written: " + count(r.Written, "file", "files")
	if r.Deleted > 0 {
		text += fmt.Sprintf(", deleted: %d", r.Deleted)
	}
	switch {
	case r.Verified:
		text += "; the project compiles.\n"
	case r.Broken != "":
		text += "; " + r.Unverified + "\n" + safeLines(r.Broken) + "\n"
	default:
		text += "; not compiled: " + r.Unverified + "\n"
	}
	text += notesText(r.Notes)
	if !a.quiet {
		text += "Not what you wanted? " + regenerateIn(dir) + " --undo\n"
	}
	return text
}

// unsettled counts places that were written with conflict markers.
func unsettled(cs *changeset.Set) int {
	n := 0
	for _, f := range cs.InConflict() {
		n += len(f.Conflicts)
	}
	return n
}
