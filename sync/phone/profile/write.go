package profile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/offhook/offhook/sync/problem"
)

// set takes the steps of a write, in order.
func (d *device) set(ctx context.Context, w *steps, s *status) error {
	if err := d.writes.wait(ctx); err != nil {
		return d.stopped(err)
	}
	more := map[string]string{"status": s.Name.s, "value": ""}
	if len(s.Value) > 0 {
		more["value"] = s.Value[0].s
	}
	done := 0
	for i := range w.List {
		n, err := d.step(ctx, &w.List[i], more)
		done += n
		if err != nil {
			return partly(err, done)
		}
	}
	return nil
}

// partly makes a write unsure of which a part has been carried out.
func partly(err error, done int) error {
	var p *problem.Problem
	if done == 0 || !errors.As(err, &p) || p.Unsure {
		return err
	}
	unsure := *p
	unsure.Unsure = true
	return &unsure
}

// step takes one step and answers how many requests were carried out for it.
func (d *device) step(ctx context.Context, r *request, more map[string]string) (done int, err error) {
	err = d.signedIn(ctx, func(s session) error {
		v := d.visible.with(more)
		if r.When != nil {
			if take, err := r.When.truth(ctx, nil, v); err != nil {
				return d.cannot("when", r.When.line, err)
			} else if !take {
				return nil
			}
		}
		if r.Each == nil {
			if err := d.carryOut(ctx, r, s, more); err != nil {
				return err
			}
			done++
			return nil
		}
		result, err := r.Each.run(ctx, nil, v)
		items, isList := result.([]any)
		if err != nil || !isList || len(items) == 0 {
			return d.cannot("each", r.Each.line, err)
		}
		for _, item := range items[min(done, len(items)):] { // those before were carried out before the sign-in expired
			text, single := scalarText(item)
			if !single {
				return d.cannot("each", r.Each.line, errors.New("an item is no single value"))
			}
			more["item"] = text
			if err := d.carryOut(ctx, r, s, more); err != nil {
				return err
			}
			done++
		}
		return nil
	})
	return done, err
}

func (c *client) cannot(key string, line int, err error) error {
	return &problem.Problem{Kind: problem.Settings,
		What: problem.Say("{phone}: its file does not say what to send, for “{key}” gives nothing that can be used", "phone", c.title(), "key", key),
		Do:   problem.Say("Correct the file, or remove it"), Err: fmt.Errorf("line %d: %w", line, err)}
}

func (d *device) carryOut(ctx context.Context, r *request, s session, more map[string]string) error {
	x := d.exchange(ctx, true)
	defer x.end()
	resp, err := x.open(r, s, more, accepts(x.form(r)))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	// What else the answer to a write says does not matter, but a web page is the answer of something else,
	// such as the page before a guest network.
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/html" {
		p := x.webPage()
		p.Unsure = true
		return p
	}
	if d.p.file.Failed == nil && d.p.file.Expired == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, mostBytes))
		return nil
	}
	data, err := x.all(resp.Body)
	if err != nil || len(data) == 0 {
		return err
	}
	if answer, err := decodeAnswer(x.form(r), data); err == nil {
		return x.inTruth(resp, answer)
	}
	return nil
}

// inTruth finds the error in an answer that calls itself a success.
func (x *exchange) inTruth(resp *http.Response, answer any) error {
	v := x.visible.of(resp.StatusCode, resp.Header)
	f := x.p.file
	a := &answerError{status: resp.StatusCode, said: x.vendorSays(x.ctx, answer, v), request: x.requestID(resp)}
	if f.Expired != nil {
		if yes, err := f.Expired.truth(x.ctx, answer, v); err == nil && yes {
			a.expired = true
			return &problem.Problem{Kind: problem.BadLogin, What: a.after(problem.Say("{phone} refused the sign-in", "phone", x.who())), Err: a}
		}
	}
	if f.Failed != nil {
		if yes, err := f.Failed.truth(x.ctx, answer, v); err == nil && yes {
			return &problem.Problem{Kind: problem.Refused, What: a.after(problem.Say("{phone} turned the request down", "phone", x.who())), Err: a}
		}
	}
	return nil
}
