package mount

import (
	"regexp"
	"slices"
)

// fatal are the calls that skip what is deferred, and what to write in their place: those of package log, and of
// echo's Logger.
var fatal = []struct {
	call          *regexp.Regexp
	instead       string
	name, another string
}{
	{regexp.MustCompile(`\blog\.Fatal(f|ln)?\(`), "log.Print$1(", "log.Fatal", "log.Print"},
	{regexp.MustCompile(`\bLogger\.Fatal(f?)\(`), "Logger.Error$1(", "Logger.Fatal", "Logger.Error"},
}

// skips is a note on a call of fatal where the service serves.
func skips(name string) string {
	return "has " + name + " where it serves, which would skip the deferred Close: "
}

// exit is a call such as log.Fatal(server.ListenAndServe()), which skips what is deferred.
type exit struct {
	file     string
	note     string
	from, to int  // its lines
	serves   bool // in a way that the edits leave as it is
}

// withoutFatal replaces the calls of fatal in the edits by ones that do not exit, so
// that the deferred Close runs, and notes it, and the exits around the edits, too.
func (m *Mount) withoutFatal(notes map[string]string, exits []exit) {
	for _, e := range exits {
		inside := func(edit Edit) bool { return e.file == m.File && e.from < edit.Line && edit.Line <= e.to }
		if e.serves && (m.File == "" || e.file == m.File) || slices.ContainsFunc(m.Edits, inside) {
			notes[e.note] = e.file
		}
	}
	for i := range m.Edits {
		for _, f := range fatal {
			if text := &m.Edits[i].Text; f.call.MatchString(*text) {
				*text = f.call.ReplaceAllString(*text, f.instead)
				notes[skips(f.name)+"the line to write has "+f.another] = m.File
			}
		}
	}
}
