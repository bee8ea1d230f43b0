package engine

import "github.com/offhook/offhook/sync/problem"

// This file is about Teams' status message: while a phone is in a call it may say so, in the person's own words.
// A message that the person has typed is never overwritten, and only Offhook's own is removed.

// seeMessage takes the status message as Graph answers it.
func (d *step) seeMessage(text string) {
	t := &d.Teams
	t.Message = text
	switch {
	case !t.Note.Is():
	case text == t.Note.Shows:
		t.Note.Seen = true
	case t.Note.Seen || text != "" && text != t.Note.Before: // the person has typed one of their own
		t.Note = Hold[string]{}
		t.NoteOff = true
		d.say(Reason{Kind: PersonChanged, Side: TeamsSide, Shows: "a status message of your own"})
	}
}

// decideMessage brings the message to what the calls ask for.
func (d *step) decideMessage(session claim) {
	t := &d.Teams
	on := d.cfg.Message != "" && session.is() && session.cause.Activity && !d.silent()
	if !on {
		t.NoteOff = false
	}
	if t.writing.Do != Nothing {
		return
	}
	switch {
	case on && !session.known:
	case on && !t.NoteOff && !t.Note.Is() && t.Message == "":
		t.Note = Hold[string]{Shows: d.cfg.Message, Cause: session.cause, Since: d.now, Until: d.now.Add(d.cfg.MessageFor)}
		t.writing = Command{Do: SetMessage, Status: d.cfg.Message, For: d.cfg.MessageFor}
	case on && t.Note.Is() && (!t.Note.Set || t.Note.Until.Sub(d.now) <= renewWhen(d.cfg.MessageFor)):
		t.writing = Command{Do: SetMessage, Status: t.Note.Shows, For: d.cfg.MessageFor}
	case !on && t.Note.Is():
		t.writing = Command{Do: ClearMessage}
	}
	if t.writing.Do != Nothing {
		d.do(t.writing)
	}
}

func (d *step) doneMessage(c Command, failed *problem.Problem) {
	t := &d.Teams
	cause, renewal := t.Note.Cause, t.Note.Set
	r := Reason{Kind: Noted, Side: TeamsSide, Shows: c.Status, Source: cause.Side, State: cause.State, Took: d.now.Sub(cause.At)}
	switch {
	case failed != nil:
		t.failures++
		t.retryAt = d.now.Add(patience(failed, t.failures))
		if c.Do == SetMessage && !failed.Unsure {
			t.Note.refused()
		}
		r.Kind, r.Shows, r.Problem = Failed, "the status message", failed
	case c.Do == ClearMessage:
		t.Note, t.Message = Hold[string]{}, ""
		r.Kind = Unnoted
	case renewal:
		t.Note.Until = d.now.Add(c.For)
		return
	default:
		t.Note.written()
		t.Note.Until = d.now.Add(c.For)
	}
	if failed == nil {
		t.failures = 0
	}
	d.say(r)
}
