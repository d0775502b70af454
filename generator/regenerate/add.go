package regenerate

import (
	"bytes"
	"context"
	"fmt"
	"go/version"
	"os"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/compile"
	"github.com/sessionseed/sessionseed/generator/internal/dotenv"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Add plans to put the packages of o into the module that is in dir; they go below
// o.Into. The set is applied as one of [Plan] is. All names that are taken are
// reported at once; of .gitignore, .env and .env.example the lines are kept and those
// that are missing are added, and go.mod and go.sum are merged.
func Add(ctx context.Context, g *render.Generator, dir string, o options.Options) (*changeset.Set, error) {
	g = g.Remembering()
	p, err := project.Open(dir, g.Owned())
	if err != nil {
		return nil, err
	}
	defer p.Close()
	p.In(o.Into)
	u := &updater{
		g: g, p: p, present: o, st: &state.State{Generator: g.Version, Base: map[string][]byte{}},
		bases: map[string]tree.File{}, pending: map[string]tree.File{},
	}
	if u.next, u.tree, err = renderNew(g, o); err != nil {
		return nil, err
	}
	u.cs = &changeset.Set{Dir: p.Dir, To: g.Version, Options: []options.OptionChange{}, Effective: u.next.Options,
		Owned: g.Owned()}
	if err := state.CheckAddable(p, u.tree, o.Into); err != nil {
		return nil, err
	}
	var modules []changeset.Versions
	for _, f := range u.tree.Files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, unreadable := u.versions(f.Path)
		switch {
		case unreadable != nil:
			u.add(*unreadable, v)
		case v.Class == tree.Modules:
			modules = append(modules, v)
		case v.Disk == nil:
			u.add(changeset.Decide(v, u.o), v)
		default: // CheckAddable lets no other through
			u.add(withMissing(v), v)
		}
	}
	if err := u.modules(modules); err != nil {
		return nil, err
	}
	slices.SortFunc(u.cs.Files, func(a, b changeset.FileChange) int { return strings.Compare(a.Path, b.Path) })
	if err := u.surroundings(); err != nil {
		return nil, err
	}
	return u.cs, u.machineState()
}

// CheckVacant is the reason why [Add] could not put the packages of o into a directory
// of the module in dir, nil if it could.
func CheckVacant(g *render.Generator, dir string, o options.Options, into string) error {
	if err := options.CheckInto(into); err != nil {
		return err
	}
	p, err := project.Open(dir, g.Owned())
	if err != nil {
		return err
	}
	defer p.Close()
	o.Into = into
	next, err := render.NewPlan(o)
	if err != nil {
		return nil // what is wrong with other options is not this one's
	}
	t, err := g.RenderPlan(next, render.Secrets{})
	if err != nil {
		return err
	}
	return state.CheckAddable(p, t, into)
}

// withMissing adds to a file of the owner's, of one setting or pattern a line, what
// it lacks.
func withMissing(v changeset.Versions) changeset.FileChange {
	f := changeset.FileChange{Path: v.Path, Class: v.Class, Action: changeset.Keep, Before: v.Disk, After: v.Disk}
	data := textmerge.ToLF(v.Disk.Data)
	if v.Path == ".gitignore" {
		data = state.WithLines(data, withoutRemarks(v.Next.Data))
	} else {
		have, fresh := dotenv.Names(data), dotenv.Names(v.Next.Data)
		added := slices.DeleteFunc(dotenv.Order(v.Next.Data), func(name string) bool { return have[name] != "" })
		for _, name := range added {
			if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
				data = append(data, '\n')
			}
			data = append(data, "\n"+fresh[name]+"\n"...)
		}
	}
	if !bytes.Equal(data, textmerge.ToLF(v.Disk.Data)) {
		f.Action, f.Note = changeset.Merge, "your lines stay; missing ones are added at the end"
		f.After = &tree.Blob{Mode: v.Disk.Mode, Data: textmerge.WithEndingsOf(v.Disk.Data, data)}
	}
	return f
}

// withoutRemarks are the lines of a list that are neither empty nor comments.
func withoutRemarks(list []byte) []byte {
	var out []byte
	for line := range bytes.Lines(list) {
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '#' {
			out = append(out, line...)
		}
	}
	return out
}

// surroundings notes what the new packages mean for what is around them. The error is
// for a workspace in which they cannot be built.
func (u *updater) surroundings() error {
	note := func(format string, args ...any) { u.cs.Notes = append(u.cs.Notes, fmt.Sprintf(format, args...)) }
	leftOut := compile.LeftOutBy(u.p.Dir, os.Getenv("GOWORK"))
	for _, f := range u.cs.Files {
		if f.Path != "go.mod" || f.Before == nil || f.After == nil {
			continue
		}
		was, now := goLine(f.Before.Data), goLine(f.After.Data)
		if was != now {
			before := "no go line"
			if was != "" {
				before = "go " + was
			}
			note("go.mod: %s -> go %s, which the packages need", before, now)
		}
		if work := compile.Workspace(u.p.Dir, os.Getenv("GOWORK")); work != "" && leftOut == "" {
			data, err := os.ReadFile(work)
			if said := goLine(data); err == nil && version.Compare("go"+said, "go"+now) < 0 {
				return problem.New(fmt.Sprintf("%s says go %s, and the packages need go %s", work, said, now),
					"raise it first: go work edit -go="+now+" "+problem.ShellQuote(work))
			}
		}
	}
	if leftOut != "" {
		note("%s leaves the module out: run go -C %s work use .", leftOut, problem.ShellQuote(u.p.Dir))
	}
	into := u.next.Options.Into
	if i := strings.LastIndex("/"+into+"/", "/internal/"); i > 0 {
		note("only packages below %s can import what is in %s", into[:i-1], into)
	}
	return nil
}

// goLine is the version of the go line of a go.mod or go.work.
func goLine(data []byte) string {
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "go" {
			return f[1]
		}
	}
	return ""
}
