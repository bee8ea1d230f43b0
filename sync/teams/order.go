package teams

import (
	"sync"
	"time"
)

// order tells an answer that is older than one already seen: Graph has many servers, and one may lag behind.
// Where Graph sends no sequence number nothing is older; and an order that seems to run backwards for longer
// than a server lags is a new one.
type order struct {
	mu     sync.Mutex
	whose  string
	newest string
	at     time.Time // when it was last seen
}

const longestLag = time.Minute

func (o *order) older(whose, sequence string, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if sequence == "" {
		return false
	}
	if whose == o.whose && sequence < o.newest && now.Sub(o.at) < longestLag {
		return true
	}
	o.whose, o.newest, o.at = whose, sequence, now
	return false
}
