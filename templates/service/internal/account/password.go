package account

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Lengths of a new password (NIST SP 800-63B-4, 3.1.1.2, asks for 15 characters where the password is the only factor,
// OWASP ASVS 6.2.1 for 8). There are no rules about kinds of characters.
const (
	minPassword = 8    // characters
	maxPassword = 1024 // bytes: enough for any sentence, and quickly hashed
)

// argon2id is what a new hash costs: OWASP's for Argon2id (Password Storage cheat sheet), 19 MiB and some tens of
// milliseconds of one processor. Raise it when processors get faster; hashes follow at the next login.
var argon2id = costs{memory: 19 << 10, passes: 2, lanes: 1}

// maxCosts bound what a hash that is read may ask for.
var maxCosts = costs{memory: 256 << 10, passes: 16, lanes: 16}

// costs of Argon2id (RFC 9106).
type costs struct {
	memory, passes uint32 // KiB, times
	lanes          uint8
}

// hash returns the hash of a password in the PHC string format. The password is brought to NFC: é typed as one
// character and as e with an accent are the same.
func (c costs) hash(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails (Go 1.24)
	return c.format(salt, c.key(password, salt))
}

func (c costs) key(password string, salt []byte) []byte {
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, c.passes, c.memory, c.lanes, sha256.Size)
}

func (c costs) format(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.lanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// verify reports whether a hash is that of a password, and whether it is of an older kind or costs less than c. It
// knows its own, and the pbkdf2-sha256 of an account that was kept in the environment. What is of neither kind takes as
// long, and is wrong.
func (c costs) verify(hash, password string) (right, old bool) {
	if parts := strings.Split(hash, "$"); len(parts) == 4 && parts[0] == "pbkdf2-sha256" {
		iterations, err := strconv.Atoi(parts[1])
		salt, want := decode(parts[2]), decode(parts[3])
		if err != nil || iterations < 1 || iterations > 10_000_000 || len(want) != sha256.Size {
			return false, false
		}
		key, err := pbkdf2.Key(sha256.New, password, salt, iterations, len(want)) // of the bytes as they were typed
		return err == nil && subtle.ConstantTimeCompare(key, want) == 1, true
	}
	var had costs
	var version int
	var rest string
	_, err := fmt.Sscanf(hash, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &had.memory, &had.passes, &had.lanes,
		&rest)
	salt, key, _ := strings.Cut(rest, "$")
	want := decode(key)
	if err != nil || version != argon2.Version || len(want) != sha256.Size || had.passes < 1 || had.lanes < 1 ||
		had.memory > maxCosts.memory || had.passes > maxCosts.passes || had.lanes > maxCosts.lanes {
		c.key(password, make([]byte, 16))
		return false, false
	}
	right = subtle.ConstantTimeCompare(had.key(password, decode(salt)), want) == 1
	return right, had.memory < c.memory || had.passes < c.passes
}

// decode returns nil for what is not base64.
func decode(s string) []byte {
	data, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil
	}
	return data
}

//go:embed common.txt
var commonText string

// common are passwords that are tried first, and words that they begin with, in lower case and sorted: the frequency
// list of zxcvbn, and what is typed along the rows of a keyboard. Put a longer list into common.txt if you have one.
var common = sync.OnceValue(func() []string { return strings.Fields(commonText) })

// CheckPassword says as an [Unfit] what is wrong with a new password: its length, that it is one of those that
// everybody chooses, or that it is the address itself.
func CheckPassword(password, email string) error {
	folded := strings.ToLower(norm.NFC.String(password))
	name, _, _ := strings.Cut(strings.ToLower(email), "@")
	_, known := slices.BinarySearch(common(), folded)
	word := strings.TrimRight(folded, "0123456789!@#$%&*.?_-") // summer2026!
	_, begins := slices.BinarySearch(common(), word)
	n := utf8.RuneCountInString(norm.NFC.String(password))
	switch {
	case len(password) > maxPassword:
		return Unfit(fmt.Sprintf("the password is longer than %d bytes; choose a shorter one", maxPassword))
	case !utf8.ValidString(password):
		return Unfit("the password is not UTF-8")
	case n < minPassword:
		return Unfit(fmt.Sprintf("the password has %d characters; choose at least %d, such as a few words", n,
			minPassword))
	case known, begins && len(word) > 3, strings.Trim(folded, string([]rune(folded)[:1])) == "": // one letter all along
		return Unfit("the password is one of those that are tried first; choose another one, such as a few words")
	case email != "" && (folded == strings.ToLower(email) || folded == name):
		return Unfit("the password is the address; choose another one, such as a few words")
	}
	return nil
}
