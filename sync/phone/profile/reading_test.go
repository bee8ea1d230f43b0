package profile

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// What a phone says and its profile does not know is an error, never a state.
func TestAnswersThatAreNoState(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		kind   problem.Kind
		says   string
	}{
		"unknown status":   {`{"line":"idle","status":"siesta"}`, problem.Settings, "says “siesta”, which its profile does not know"},
		"unknown line":     {`{"line":"parked","status":"available"}`, problem.Settings, "says “parked”"},
		"choice as line":   {`{"line":"available","status":"available"}`, problem.Settings, "says “available”"},
		"call as choice":   {`{"line":"idle","status":"talking"}`, problem.Settings, "says “talking”"},
		"not an object":    {`[1,2]`, problem.Server, "does not understand"},
		"list as status":   {`{"line":"idle","status":["available"]}`, problem.Server, "does not understand"},
		"not JSON":         {`<html>`, problem.Server, "not JSON"},
		"half":             {`{"line":"idle","status":"avail`, problem.Server, "not JSON"},
		"two answers":      {`{"line":"idle","status":"available"}{}`, problem.Server, "not JSON"},
		"nothing":          {``, problem.Server, "not JSON"},
		"more than enough": {`{"line":"idle","status":"available","x":"` + strings.Repeat("x", mostBytes) + `"}`, problem.Server, "more than a phone has to say"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
				b.fault("/me", saying(c.answer))
				b.fault("/events", failing(http.StatusNotFound))
				defer b.watch()()
				forward(time.Minute)
				for _, r := range b.reports() {
					p := problem.Of(r.err)
					if p == nil || p.Kind != c.kind || !strings.Contains(p.What.String(), c.says) || p.Do.IsZero() {
						t.Fatalf("reported %+v, %v", r.Reading, r.err)
					}
					if r.Reading != (presence.Reading{}) {
						t.Errorf("an error came with a reading: %+v", r.Reading)
					}
				}
			})
		})
	}
}

// Unknown in an event is told, and the stream goes on.
func TestUnknownStatusInAnEvent(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		defer b.watch()()
		synctest.Wait()
		b.set(func(p *pbx) { p.status = "siesta" })
		synctest.Wait()
		if p := problem.Of(b.last(t).err); p == nil || p.Kind != problem.Settings {
			t.Errorf("%+v", p)
		}
		b.set(func(p *pbx) { p.status = "vacation" })
		synctest.Wait()
		b.shows(t, "", "On vacation")
		if n := len(b.requests("GET /events")); n != 1 {
			t.Errorf("the stream was opened %d times", n)
		}
	})
}

// A phone whose status is not known at first is followed all the same: the next one may be.
func TestUnknownStatusAtFirst(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		b.status = "siesta"
		defer b.watch()()
		forward(20 * time.Minute)
		for _, r := range b.reports() {
			if r.err == nil {
				t.Fatalf("reported %+v", r.Reading)
			}
		}
		b.set(func(p *pbx) { p.status = "vacation" })
		synctest.Wait()
		b.shows(t, "", "On vacation")
	})
}

// An expression that never ends does not hold the phone up for ever.
func TestEndlessExpression(t *testing.T) {
	t.Parallel() // it takes its time: no virtual time passes while something computes
	p, err := Parse("x.yaml", changed(t, "chosen: .status", "chosen: \"last(repeat(.status))\""))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := p.file.Read.Chosen.run(context.Background(), map[string]any{"status": "available"}, view{}); err == nil {
		t.Error("it gave a result")
	}
	if took := time.Since(began); took > 3*exprTime {
		t.Errorf("it took %s", took)
	}
}

func TestExactlyOneResult(t *testing.T) {
	for expression, want := range map[string]string{
		"empty":              "the jq expression gives no result",
		".status, .line":     "the jq expression gives more than one result",
		"error(\"no\")":      "the jq expression fails: error: no",
		"[.status]":          "the jq expression gives a []interface {}, not a single value",
		".status":            "",
		"$fields.user | not": "",
	} {
		p, err := Parse("x.yaml", changed(t, "chosen: .status", "chosen: '"+expression+"'"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.file.Read.Chosen.value(context.Background(), map[string]any{"status": "a", "line": "b"}, view{more: map[string]any{"user": "100"}})
		if got := errorText(err); got != want {
			t.Errorf("%s: %q, want %q", expression, got, want)
		}
	}
}
