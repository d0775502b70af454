package state

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/internal/dotenv"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// RotateOptions tune [RotateKeys].
type RotateOptions struct {
	Generated *tree.Tree // see [project.Open]
	Now       time.Time  // zero: the clock
	Random    io.Reader  // nil: crypto/rand
}

// Rotation is what [RotateKeys] did. It holds no key.
type Rotation struct {
	Keys    int         // how many keys are in .env now
	Dropped int         // old keys that no live cookie can need any more
	Until   time.Time   // until when the replaced key is kept
	Mode    fs.FileMode // permissions of .env, which stay as they were
}

// RotateKeys puts a new signing key in front of SESSION_KEYS in the .env of the
// project in dir. The old keys stay behind it and verify the cookies they
// signed for as long as those can live, absoluteMaxAge; a later rotation drops
// them. All else in the file stays as it is, and no key is ever returned.
//
// When each key was replaced is noted in a comment above the line, as dates. An
// old key without a date counts as replaced now.
func RotateKeys(dir string, o RotateOptions) (*Rotation, error) {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	p, err := project.Open(dir, o.Generated)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	unlock, err := p.Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	st, _ := ReadState(p) // without it, sessionseed.yaml says all that is needed
	present, _, err := PresentOptions(p, st)
	if err != nil {
		return nil, err
	}
	env, err := p.Read(".env")
	switch {
	case err != nil:
		return nil, problem.New(".env "+err.Error(), project.ReadHint(err))
	case env == nil:
		first := "name the directory of the project"
		if CheckIsProject(p) == nil {
			first = "in a fresh clone, copy .env.example to .env and run the command again"
		}
		return nil, problem.New(fmt.Sprintf("there is no .env in %q", p.Dir), first+"; if the keys are set elsewhere, "+
			"put a new one first in "+dotenv.SessionKeys+" there: openssl rand -base64 32")
	case env.Mode&0o200 == 0:
		return nil, problem.New(".env is read-only", "make it writable (chmod u+w) and run the command again")
	}
	var key [32]byte
	if _, err := io.ReadFull(o.Random, key[:]); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	data, r, err := rotated(env.Data, base64.RawURLEncoding.EncodeToString(key[:]), o.Now.UTC(), present.AbsoluteMaxAge)
	if err != nil {
		return nil, err
	}
	// Not a transaction: undo must not bring a key back that was replaced
	// because it leaked, nor keep a copy of it.
	if err := p.Replace(".env", &tree.Blob{Mode: env.Mode, Data: data}); err != nil {
		return nil, err
	}
	r.Mode = env.Mode
	return r, nil
}

// replacedNote begins the comment that says when each key but the first was
// replaced, in the order of the keys.
const replacedNote = "# When the older keys were replaced: "

// olderReplacedNote is how it began in projects of older generators.
const olderReplacedNote = "# replaced: "

// rotated edits the text of a .env.
func rotated(env []byte, key string, now time.Time, keep time.Duration) ([]byte, *Rotation, error) {
	text, marked := strings.CutPrefix(string(env), dotenv.ByteOrderMark)
	lines := strings.SplitAfter(text, "\n")
	line, err := dotenv.FindKeys(lines)
	if err != nil {
		return nil, nil, err
	}
	at := line.At
	var dates []string
	noted := false
	for _, note := range []string{replacedNote, olderReplacedNote} {
		if at > 0 && strings.HasPrefix(lines[at-1], note) {
			dates, noted = strings.Fields(lines[at-1][len(note):]), true
		}
	}

	const layout = "2006-01-02T15:04:05Z"
	today := now.Format(layout)
	r := &Rotation{Until: now.Add(keep)}
	keys, replaced := []string{key}, []string{}
	for i, old := range line.Keys {
		date := today // of the key that was in front until now
		if i > 0 {
			if i-1 < len(dates) {
				date = dates[i-1]
			}
			if then, err := time.Parse(layout, date); err == nil && now.Sub(then) > keep {
				r.Dropped++
				continue
			}
		}
		keys, replaced = append(keys, old), append(replaced, date)
	}
	r.Keys = len(keys)
	if line.Tail == "" {
		line.Tail = "\n"
	}
	note := replacedNote + strings.Join(replaced, " ") + line.Tail
	lines[at] = line.With(keys)
	switch {
	case len(replaced) == 0 && noted:
		lines = slices.Delete(lines, at-1, at)
	case noted:
		lines[at-1] = note
	case len(replaced) > 0:
		lines = slices.Insert(lines, at, note)
	}
	text = strings.Join(lines, "")
	if marked {
		text = dotenv.ByteOrderMark + text
	}
	return []byte(text), r, nil
}
