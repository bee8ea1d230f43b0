package secrets

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
)

// header begins every sealed file and is authenticated with it.
var header = []byte("offhook secrets 1\n")

var errSealed = errors.New("the sealed file cannot be opened with this key")

// seal encrypts values: the header, a fresh nonce, AES-256-GCM over JSON.
func seal(key []byte, values map[string][]byte) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	out := append([]byte(nil), header...)
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	out = append(out, nonce...)
	return aead.Seal(out, nonce, plain, header), nil
}

// unseal is seal's inverse. Anything torn, altered or sealed with another key is errSealed.
func unseal(key, sealed []byte) (map[string][]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	rest, ok := bytes.CutPrefix(sealed, header)
	if !ok || len(rest) < aead.NonceSize() {
		return nil, errSealed
	}
	plain, err := aead.Open(nil, rest[:aead.NonceSize()], rest[aead.NonceSize():], header)
	if err != nil {
		return nil, errSealed
	}
	values := map[string][]byte{}
	if err := json.Unmarshal(plain, &values); err != nil {
		return nil, fmt.Errorf("%w: its content is not understood", errSealed)
	}
	return values, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
