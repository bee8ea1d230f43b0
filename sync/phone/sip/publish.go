package sip

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// publication is what Offhook itself publishes of the person (RFC 3903). It ends by itself unless it is renewed, so
// that nothing stays for long where Offhook cannot take it back.
type publication struct {
	etag    string    // empty: nothing is published
	counts  bool      // what is told of it is to be believed: it may be told before the request is answered
	since   time.Time // nor is what was said before: it may be told late
	word    string
	expires time.Duration
	renewAt time.Time
}

const publishFor = 5 * time.Minute

// tupleID is this person's on this machine, the same at each start: what the last run has left is known by it.
func (l *line) tupleID() string {
	host, _ := os.Hostname()
	who := ""
	if u, err := user.Current(); err == nil {
		who = u.Uid
	}
	sum := sha256.Sum256([]byte(host + "\n" + who + "\n" + l.extension))
	return fmt.Sprintf("offhook-%x", sum[:6])
}

// publish says a word of the person, or with "" takes back what was said. l.writing is held.
func (l *line) publish(ctx context.Context, c *conn, word string) (err error) {
	l.mu.Lock()
	if word == "" && l.pub.etag == "" {
		l.mu.Unlock()
		return nil
	}
	if word != "" && !l.pub.counts {
		l.pub.since = time.Now().Truncate(time.Microsecond) // as finely as it is written
	}
	l.pub.counts = word != ""
	pub := l.pub
	l.mu.Unlock()
	defer func() {
		if err != nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.pub.counts = l.pub.etag != ""
			l.changed()
		}
	}()
	if pub.expires == 0 {
		pub.expires = publishFor
	}
	me := l.address(l.extension)
	for range 4 {
		r := sip.NewRequest(sip.PUBLISH, me)
		l.head(r, me, sip.GenerateTagN(24)+"@offhook", sip.GenerateTagN(12), 1)
		r.AppendHeader(sip.NewHeader("Event", presenceEvent))
		expires := pub.expires
		if word == "" {
			expires = 0
		}
		r.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(int(expires/time.Second))))
		if pub.etag != "" {
			r.AppendHeader(sip.NewHeader("SIP-If-Match", pub.etag))
		}
		if word != "" && !(pub.etag != "" && pub.word == word) { // else it is the same once more
			r.AppendHeader(sip.NewHeader("Content-Type", "application/pidf+xml"))
			r.SetBody(writePIDF(me.String(), l.tuple, word, time.Now()))
		} else {
			r.SetBody(nil)
		}
		a, err := l.ask(ctx, c, r, problem.Say("a new presence"), true)
		if err != nil {
			return err
		}
		switch least := seconds(a, "Min-Expires"); {
		case a.StatusCode == 412: // it has expired there
			pub.etag = ""
			l.published(pub)
			if word == "" {
				return nil
			}
		case a.StatusCode == 423 && least > pub.expires && least <= time.Hour:
			pub.expires = least
		case a.StatusCode == 489:
			return l.noEvents(presenceEvent, a)
		case a.StatusCode/100 != 2:
			return l.refusal(a, problem.Say("a new presence"), true)
		case word == "":
			l.published(publication{expires: pub.expires})
			return nil
		default:
			granted := seconds(a, "Expires")
			if granted <= 0 || granted > expires {
				granted = expires
			}
			pub.word, pub.renewAt = word, time.Now().Add(granted/2)
			pub.etag = ""
			if h := a.GetHeader("SIP-ETag"); h != nil {
				pub.etag = h.Value()
			}
			l.published(pub)
			return nil
		}
	}
	return remote.Wrong(problem.Say("Ask whoever runs the phone system how long a presence may be published"),
		problem.Say("{phone} does not take the presence for as long as it asks for itself", "phone", l.who()))
}

func (l *line) published(pub publication) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pub = pub
	l.changed()
}

// republish renews what is published, where it is time to.
func (l *line) republish(ctx context.Context, c *conn) error {
	if !l.writing.TryLock() {
		return nil // a write does it
	}
	defer l.writing.Unlock()
	l.mu.Lock()
	pub := l.pub
	l.mu.Unlock()
	if pub.etag == "" || time.Now().Before(pub.renewAt) {
		return nil
	}
	return l.publish(ctx, c, pub.word)
}
