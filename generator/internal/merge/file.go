package merge

import (
	"bytes"
	"path"
	"strings"
)

// File merges one file of a project, in the way its name asks for. The name is
// slash-separated and only looked at, never opened.
//
// The error says why a merge that found no conflict is still no good: a go.mod
// that does not parse, or Go source that two clean changes together have
// broken. The result then holds the merged text as far as it came.
func File(name string, base, ours, theirs []byte, o Options) (Result, error) {
	switch {
	case path.Base(name) == "go.mod":
		data, err := GoMod(base, ours, theirs)
		return Result{Data: data}, err
	case path.Base(name) == "go.sum":
		return Result{Data: GoSum(base, ours, theirs)}, nil
	case bytes.Equal(base, theirs), bytes.Equal(ours, theirs), bytes.Equal(base, ours):
		return Merge(base, ours, theirs, o), nil
	}
	// Trees are made of text with plain line ends.
	eol := ending(split(ours))
	base, ours, theirs = ToLF(base), ToLF(ours), ToLF(theirs)
	var r Result
	var err error
	if l, ok := languageOf(name); ok {
		r = l.mergeStructure(base, ours, theirs, [3]int{}, o)
	} else if path.Ext(name) == ".go" {
		r, err = mergeGo(name, base, ours, theirs, o)
	} else {
		r = Merge(base, ours, theirs, o)
	}
	if eol == crlf {
		r.Data = withEnding(r.Data, crlf)
		for i, c := range r.Conflicts {
			r.Conflicts[i].Ours = withEnding(c.Ours, crlf)
		}
	}
	return r, err
}

// languageOf tells the kind of a file by its name.
func languageOf(name string) (language, bool) {
	base := path.Base(name)
	switch {
	case path.Ext(name) == ".yaml", path.Ext(name) == ".yml":
		return yamlFile, true
	case path.Ext(name) == ".md":
		return markdown, true
	case base == ".gitignore", base == ".dockerignore", base == ".env", strings.HasPrefix(base, ".env."):
		return lineSet, true
	}
	return language{}, false
}
