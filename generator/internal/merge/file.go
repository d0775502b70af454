package merge

import (
	"bytes"
	"path"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/gomod"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/internal/treemerge"
)

// File merges one file of a project, in the way its name asks for. The name is
// slash-separated and only looked at, never opened.
//
// The error says why a merge that found no conflict is still no good: a go.mod
// that does not parse, or Go source that two clean changes together have
// broken. The result then holds the merged text as far as it came.
func File(name string, base, ours, theirs []byte, o textmerge.Options) (textmerge.Result, error) {
	switch {
	case path.Base(name) == "go.mod":
		data, err := gomod.GoMod(base, ours, theirs)
		return textmerge.Result{Data: data}, err
	case path.Base(name) == "go.sum":
		return textmerge.Result{Data: gomod.GoSum(base, ours, theirs)}, nil
	case bytes.Equal(base, theirs), bytes.Equal(ours, theirs), bytes.Equal(base, ours):
		return textmerge.Merge(base, ours, theirs, o), nil
	}
	// Trees are made of text with plain line ends.
	eol := textmerge.Ending(textmerge.Split(ours))
	base, ours, theirs = textmerge.ToLF(base), textmerge.ToLF(ours), textmerge.ToLF(theirs)
	var r textmerge.Result
	var err error
	if l, ok := languageOf(name); ok {
		r = l.MergeStructure(base, ours, theirs, [3]int{}, o)
	} else if path.Ext(name) == ".go" {
		r, err = mergeGo(base, ours, theirs, o)
	} else {
		r = textmerge.Merge(base, ours, theirs, o)
	}
	if eol == textmerge.Crlf {
		r.Data = textmerge.WithEnding(r.Data, textmerge.Crlf)
		for i, c := range r.Conflicts {
			r.Conflicts[i].Ours = textmerge.WithEnding(c.Ours, textmerge.Crlf)
		}
	}
	return r, err
}

// languageOf returns the kind of a file by its name.
func languageOf(name string) (treemerge.Language, bool) {
	base := path.Base(name)
	switch {
	case path.Ext(name) == ".yaml", path.Ext(name) == ".yml":
		return yamlFile, true
	case path.Ext(name) == ".md":
		return markdown, true
	case base == ".gitignore", base == ".dockerignore", base == ".env", strings.HasPrefix(base, ".env."):
		return lineSet, true
	}
	return treemerge.Language{}, false
}
