package profile

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/itchyny/gojq"
)

// functions are what expressions have besides jq's own (@base64, @base64d, now, …):
//
//	md5, sha1, sha256                     of a text, in hexadecimal
//	hmac_sha1(key), hmac_sha256(key)      of a text, in hexadecimal; with (key; "base64") in Base64
//	list                                  null is [], a list is itself, anything else a list of one: an XML
//	                                      element that may stand once, often or not at all
func functions() []gojq.CompilerOption {
	return []gojq.CompilerOption{
		digest("md5", md5.New), digest("sha1", sha1.New), digest("sha256", sha256.New),
		keyed("hmac_sha1", sha1.New), keyed("hmac_sha256", sha256.New),
		gojq.WithFunction("list", 0, 0, func(v any, _ []any) any {
			switch v := v.(type) {
			case nil:
				return []any{}
			case []any:
				return v
			}
			return []any{v}
		}),
	}
}

func digest(name string, algorithm func() hash.Hash) gojq.CompilerOption {
	return gojq.WithFunction(name, 0, 0, func(v any, _ []any) any {
		s, ok := v.(string)
		if !ok {
			return fmt.Errorf("%s is of a text, not of a %T", name, v)
		}
		h := algorithm()
		_, _ = h.Write([]byte(s))
		return hex.EncodeToString(h.Sum(nil))
	})
}

func keyed(name string, algorithm func() hash.Hash) gojq.CompilerOption {
	return gojq.WithFunction(name, 1, 2, func(v any, args []any) any {
		s, ok := v.(string)
		key, ok2 := args[0].(string)
		if !ok || !ok2 {
			return fmt.Errorf("%s is of a text and with a text as key", name)
		}
		h := hmac.New(algorithm, []byte(key))
		_, _ = h.Write([]byte(s))
		if len(args) == 2 && args[1] == "base64" {
			return base64.StdEncoding.EncodeToString(h.Sum(nil))
		}
		return hex.EncodeToString(h.Sum(nil))
	})
}
