package generator

import (
	"io"
	"time"
)

// RotateOptions tune [RotateKeys].
type RotateOptions struct {
	Now    time.Time // zero: the clock
	Random io.Reader // nil: crypto/rand
}

// Rotation is what [RotateKeys] did. It holds no key.
type Rotation struct {
	Keys    int       // how many keys are in .env now
	Dropped int       // old keys that no live cookie can need any more
	Until   time.Time // until when the replaced key is kept
}

// RotateKeys puts a new signing key in front of SESSION_KEYS in the .env of the
// project in dir. The old keys stay behind it and verify the cookies they
// signed for as long as those can live, absoluteMaxAge; a later rotation drops
// them. All else in the file stays as it is, and no key is ever returned.
func RotateKeys(dir string, o RotateOptions) (*Rotation, error) { panic("not yet") }
