package teams

import (
	"context"
	"log/slog"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/cache"
)

// tokenCache keeps the library's token cache in Secrets. It never answers an error: that would make a good
// sign-in fail. What cannot be kept goes on in memory; what cannot be understood counts as empty.
type tokenCache struct {
	secrets Secrets
	log     *slog.Logger
}

func (t tokenCache) Replace(_ context.Context, into cache.Unmarshaler, _ cache.ReplaceHints) error {
	kept, ok := t.secrets.Get(secretTokens)
	if !ok {
		return nil
	}
	if err := into.Unmarshal(kept); err != nil {
		t.log.Warn("the kept tokens are not understood and count as none") // the error may quote them
	}
	return nil
}

func (t tokenCache) Export(_ context.Context, from cache.Marshaler, _ cache.ExportHints) error {
	data, err := from.Marshal()
	if err != nil {
		t.log.Warn("the tokens are not kept over a restart")
		return nil
	}
	if err := t.secrets.Set(secretTokens, data); err != nil {
		t.log.Warn("the tokens are not kept over a restart", "error", err)
	}
	return nil
}
