package profile

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// keeper keeps in the sealed store what must outlive the program: the sign-in, that it was refused, and this
// installation's own id. Without a store it keeps nothing.
type keeper struct {
	secrets Secrets
	phone   string
}

// tokens is a sign-in by OAuth 2.
type tokens struct {
	Access  string    `json:"access_token"`
	Refresh string    `json:"refresh_token,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
}

const deviceName = "phones/device"

// The dash keeps these names apart from those of a profile's fields.
func (k keeper) tokensName() string  { return "phone/" + k.phone + "/-tokens" }
func (k keeper) refusedName() string { return "phone/" + k.phone + "/-refused" }

// device is this installation's id, a random GUID that stays the same.
func (k keeper) device() string {
	if k.secrets != nil {
		if v, ok := k.secrets.Get(deviceName); ok {
			return string(v)
		}
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	id := fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	if k.secrets != nil {
		_ = k.secrets.Set(deviceName, []byte(id)) // the store tells the person by itself what is wrong with it
	}
	return id
}

func (k keeper) tokens() *tokens {
	if k.secrets == nil {
		return nil
	}
	data, ok := k.secrets.Get(k.tokensName())
	t := new(tokens)
	if !ok || json.Unmarshal(data, t) != nil {
		return nil
	}
	return t
}

func (k keeper) save(t *tokens) error {
	if k.secrets == nil {
		return nil
	}
	data, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return k.secrets.Set(k.tokensName(), data)
}

func (k keeper) forget() error {
	if k.secrets == nil {
		return nil
	}
	return k.secrets.Delete(k.tokensName(), k.refusedName())
}

// unread is why what was kept cannot be read, where that is so.
func (k keeper) unread() error {
	if s, ok := k.secrets.(interface{ Unread() error }); ok {
		return s.Unread()
	}
	return nil
}

// refused tells whether what is entered has been refused before.
func (k keeper) refused(entered []byte) bool {
	if k.secrets == nil {
		return false
	}
	before, ok := k.secrets.Get(k.refusedName())
	return ok && bytes.Equal(before, entered)
}

func (k keeper) refuse(entered []byte) {
	if k.secrets != nil {
		_ = k.secrets.Set(k.refusedName(), entered)
	}
}

func (k keeper) unrefuse() {
	if k.secrets != nil {
		_ = k.secrets.Delete(k.refusedName())
	}
}

// Entered is told that the person has entered a phone's fields, be it the same as before: whether they are right
// is to be tried again.
func Entered(secrets Secrets, id string) { keeper{secrets, id}.unrefuse() }

// Forget leaves nothing kept of a phone that is no more.
func Forget(secrets Secrets, id string) error { return keeper{secrets, id}.forget() }

// fingerprint changes with whatever is entered.
func (c *client) fingerprint() []byte {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(c.entered)) {
		fmt.Fprintf(h, "%q=%q\n", name, c.entered[name])
	}
	return h.Sum(nil)
}
