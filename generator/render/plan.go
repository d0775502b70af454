package render

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// GoVersion is the go line of every emitted go.mod. It has a patch
// number because dependencies say 1.26.0, and 1.26 counts as older than that.
const GoVersion = "1.26.0"

// Plan is what follows from valid options: the policy, the parts that are in,
// and the value of each constant. It is a pure value; two plans of the same
// options are equal.
type Plan struct {
	Options options.Options // canonical: origins and URL as the policy spells them
	Policy  policy.Decision
	Has     map[string]bool              // component -> chosen
	Consts  map[string]map[string]string // file -> identifier -> Go expression
}

// NewPlan validates o and plans the project. The error is [options.Options.Validate]'s.
func NewPlan(o options.Options) (*Plan, error) {
	d, err := o.Policy()
	if err != nil {
		return nil, err
	}
	p := &Plan{Options: o.Canonical(d), Policy: d, Has: has(&o)}
	const defaults = "internal/config/defaults.go"
	p.Consts = map[string]map[string]string{defaults: {
		"ResourcePolicy": strconv.Quote(d.CORP),
		"StoreURL":       strconv.Quote(o.StoreURL()),
	}}
	effective := o.Effective(d)
	for _, row := range options.Table() {
		name, identifier, ok := strings.Cut(row.Const, ":")
		if !ok {
			continue
		}
		file := "internal/config/" + name
		if p.Consts[file] == nil {
			c, err := claimOf(file)
			if err != nil {
				return nil, err
			}
			if !c.in(&o) {
				continue
			}
			p.Consts[file] = map[string]string{}
		}
		p.Consts[file][identifier] = row.Literal(&effective)
	}
	return p, nil
}

// place is where a file of the living template is in the project.
func (p *Plan) place(name string) string { return tree.Place(name, p.Options.Into) }

// Name is the last element of the module path that is not a version suffix; it
// names the project in prose.
func (p *Plan) Name() string {
	dir, base := path.Split(p.Options.Module)
	if dir != "" && len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		return path.Base(dir)
	}
	return base
}

// Secrets are the random values of a project's .env. They go nowhere else:
// not into the options, the state, the printed command or a log.
type Secrets struct {
	SessionKey          string // base64url of 32 random bytes
	AccountPassword     string // 120 random bits, for the owner to read once
	AccountPasswordHash string // what the service verifies
}

// randomPasswordIterations is small on purpose: stretching protects a
// password that can be guessed, and 120 random bits cannot be, so `new` need
// not spend a tenth of a second on it. Passwords that people choose get the
// service's own, high count.
const randomPasswordIterations = 10_000

// NewSecrets reads what it needs from random, which must be
// cryptographically secure outside tests.
func NewSecrets(random io.Reader) (Secrets, error) {
	var buf [32 + 15 + 16]byte
	if _, err := io.ReadFull(random, buf[:]); err != nil {
		return Secrets{}, fmt.Errorf("read random bytes for .env: %w", err)
	}
	key, password, salt := buf[:32], buf[32:47], buf[47:]
	s := Secrets{
		SessionKey:      base64.RawURLEncoding.EncodeToString(key),
		AccountPassword: strings.ToLower(base32.StdEncoding.EncodeToString(password)),
	}
	hash, err := pbkdf2.Key(sha256.New, s.AccountPassword, salt, randomPasswordIterations, sha256.Size)
	if err != nil {
		return Secrets{}, fmt.Errorf("hash the account's password: %w", err)
	}
	s.AccountPasswordHash = fmt.Sprintf("pbkdf2-sha256$%d$%s$%s", randomPasswordIterations,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(hash))
	return s, nil
}
