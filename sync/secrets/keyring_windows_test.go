package secrets

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

// credentials is a name in the real Credential Manager that nothing else has, and that is gone afterwards.
func credentials(t *testing.T) string {
	t.Helper()
	service := "offhook-test-" + rand.Text()
	t.Cleanup(func() {
		if err := keyring.Delete(service, user); err != nil && !errors.Is(err, keyring.ErrNotFound) {
			t.Error(err)
		}
	})
	return service
}

// The real Credential Manager keeps the key, and another in its place, until it is deleted.
func TestCredentialManager(t *testing.T) {
	service := credentials(t)
	ctx := context.Background()
	if _, err := System(service).Get(ctx); !errors.Is(err, ErrNoKey) {
		t.Fatalf("before there is one: %v", err)
	}
	for _, letter := range []string{"a", "b"} {
		key := bytes.Repeat([]byte(letter), KeySize)
		if err := System(service).Set(ctx, key); err != nil {
			t.Fatal(err)
		}
		if got, err := System(service).Get(ctx); err != nil || !bytes.Equal(got, key) {
			t.Errorf("got %q, %v; want %q", got, err, key)
		}
	}
	if err := keyring.Delete(service, user); err != nil {
		t.Fatal(err)
	}
	if _, err := System(service).Get(ctx); !errors.Is(err, ErrNoKey) {
		t.Errorf("when it has been deleted: %v", err)
	}
}

// It takes 2560 bytes and no more, so a sign-in as large as Entra's goes into the sealed file, and is there again
// after a restart.
func TestCredentialManagerIsSmall(t *testing.T) {
	service := credentials(t)
	for _, size := range []int{2559, 2560, 2561} {
		err := keyring.Set(service, user, strings.Repeat("x", size))
		if got, _ := keyring.Get(service, user); (err == nil) != (size <= 2560) || err == nil && len(got) != size {
			t.Errorf("%d bytes: %v, and %d came back", size, err, len(got))
		}
	}
	if err := keyring.Delete(service, user); err != nil {
		t.Fatal(err)
	}

	dir, large := t.TempDir(), strings.Repeat("a sign-in ", 640)
	set(t, open(t, dir, System(service)), "msal", large)
	if got := get(open(t, dir, System(service)), "msal"); got != large {
		t.Errorf("after a restart %d bytes came back, want %d", len(got), len(large))
	}
}
