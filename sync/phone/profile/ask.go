package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/offhook/offhook/sync/problem"
)

// mostPages is how many pages of one answer are read.
const mostPages = 20

// page is where an answer goes on; its zero value is where it begins.
type page struct{ address, token string }

// form is the form of a request's answer.
func (c *client) form(r *request) string {
	return cmp.Or(r.Answer.s, c.p.file.Answers.s, answerJSON)
}

func accepts(form string) string {
	switch form {
	case answerXML:
		return "application/xml, text/xml"
	case answerText:
		return "text/plain, */*"
	}
	return "application/json"
}

// ask sends a request and answers what came back, all pages of it.
func (c *client) ask(ctx context.Context, r *request, s session) (any, error) {
	if r.Pages == nil {
		got, err := c.askPage(ctx, r, page{}, s)
		return got.answer, err
	}
	items := []any{}
	var at page
	for range mostPages {
		got, err := c.askPage(ctx, r, at, s)
		if err != nil {
			return nil, err
		}
		list, err := r.Pages.Items.run(ctx, got.answer, got.head)
		more, isList := list.([]any)
		if err != nil || !isList {
			return nil, c.misunderstood(err)
		}
		items = append(items, more...)
		if at, err = c.next(ctx, r, got); err != nil {
			return nil, err
		}
		if at == (page{}) {
			return items, nil
		}
	}
	return nil, c.nonsense(problem.Say("{phone} answered with more than {n} pages", "phone", c.who(), "n", mostPages), nil)
}

// next is where an answer goes on after a page. An address must be on the server that was asked, since the
// sign-in goes with it.
func (c *client) next(ctx context.Context, r *request, got taken) (page, error) {
	if r.Pages.Token != nil {
		token, err := r.Pages.Token.value(ctx, got.answer, got.head)
		if err != nil {
			return page{}, c.misunderstood(err)
		}
		return page{token: token}, nil
	}
	link, err := r.Pages.Next.value(ctx, got.answer, got.head)
	if err != nil {
		return page{}, c.misunderstood(err)
	}
	if link == "" {
		return page{}, nil
	}
	to, err := got.from.Parse(link)
	if err != nil || to.Host != got.from.Host || to.Scheme != got.from.Scheme {
		return page{}, c.nonsense(problem.Say("{phone} names a next page on another server", "phone", c.who()), err)
	}
	return page{address: to.String()}, nil
}

// taken is one answer, or one page of it.
type taken struct {
	answer any
	head   view
	from   *url.URL
}

func (c *client) askPage(ctx context.Context, r *request, at page, s session) (taken, error) {
	x := c.exchange(ctx, false)
	defer x.end()
	resp, err := x.openPage(r, at, s, nil, accepts(c.form(r)))
	if err != nil {
		return taken{}, err
	}
	defer resp.Body.Close()
	data, err := x.all(resp.Body)
	if err != nil {
		return taken{}, err
	}
	answer, err := x.decoded(resp, data)
	return taken{answer, c.visible.of(resp.StatusCode, resp.Header), resp.Request.URL}, err
}

// decoded reads an answer that is a success.
func (x *exchange) decoded(resp *http.Response, data []byte) (any, error) {
	answer, err := decodeAnswer(x.answers, data)
	switch {
	case errors.Is(err, errWebPage):
		return nil, x.webPage()
	case err != nil:
		return nil, x.notOfForm(strings.ToUpper(x.answers), err)
	}
	return answer, x.inTruth(resp, answer)
}

// learn asks what is asked once after signing in. A later request may use what an earlier one gave.
func (c *client) learn(ctx context.Context, s session) error {
	if len(c.p.file.Once) == 0 {
		return nil
	}
	select {
	case c.learning <- struct{}{}:
		defer func() { <-c.learning }()
	case <-ctx.Done():
		return c.stopped(ctx.Err())
	}
	c.mu.Lock()
	known := c.knows
	c.mu.Unlock()
	for i := range c.p.file.Once {
		if known {
			return nil
		}
		o := &c.p.file.Once[i]
		answer, err := c.ask(ctx, &o.Request, s)
		if err != nil {
			return err
		}
		kept, err := c.keep(ctx, o.Keep, answer, c.visible)
		if err != nil {
			return err
		}
		c.mu.Lock()
		learned := maps.Clone(c.learned)
		maps.Copy(learned, kept)
		c.learned = learned
		c.mu.Unlock()
	}
	c.mu.Lock()
	c.knows = true
	c.mu.Unlock()
	return nil
}

// keep is what expressions find in an answer; something must be there.
func (c *client) keep(ctx context.Context, keep map[string]expr, answer any, v view) (map[string]any, error) {
	kept := map[string]any{}
	for name, e := range keep {
		value, err := e.run(ctx, answer, v)
		if err == nil && (value == nil || value == "") {
			err = errors.New("there is none")
		}
		if err != nil {
			return nil, &problem.Problem{Kind: problem.Server,
				What: problem.Say("{phone} answered without “{name}”, or in a way its profile does not understand", "phone", c.who(), "name", name),
				Do:   problem.Say("Check this phone's settings"), Err: fmt.Errorf("line %d: %w", e.line, err)}
		}
		kept[name] = value
	}
	return kept, nil
}
