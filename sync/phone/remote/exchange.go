package remote

import (
	"context"
	"errors"
)

// errClosed is what Ask says after Close.
var errClosed = errors.New("the connection is closed")

// Exchange is a connection on which the answers to what is asked and events come mixed. One question is asked at
// a time, and answers come in order: a question that is given up ends the connection, for its answer would be
// taken for the next one's.
type Exchange[M any] struct {
	hangUp  func()
	turn    chan struct{}
	answers chan M
	ended   chan struct{}
	why     error // why it ended; read after ended is closed
}

// NewExchange begins to receive. Receive answers what came next, hangUp makes it fail, and event is given what is
// no answer. Close must be called in the end.
func NewExchange[M any](receive func() (M, error), hangUp func(), isAnswer func(M) bool, event func(M)) *Exchange[M] {
	e := &Exchange[M]{hangUp: hangUp, turn: make(chan struct{}, 1), answers: make(chan M, 1), ended: make(chan struct{})}
	go func() {
		defer close(e.ended)
		for {
			m, err := receive()
			switch {
			case err != nil:
				e.why = err
				return
			case !isAnswer(m):
				event(m)
			default:
				select {
				case e.answers <- m:
				default: // more answers than questions: nobody waits for it
				}
			}
		}
	}()
	return e
}

// Ask sends a question and waits for its answer.
func (e *Exchange[M]) Ask(ctx context.Context, send func() error) (answer M, err error) {
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-e.ended:
		return answer, e.why
	case <-ctx.Done():
		return answer, ctx.Err()
	}
	select {
	case <-e.answers: // nobody asked for it
	default:
	}
	// A connection that takes nothing would keep send waiting.
	stop := context.AfterFunc(ctx, e.hangUp)
	defer stop()
	if err := send(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		e.hangUp()
		return answer, err
	}
	select {
	case answer = <-e.answers:
		return answer, nil
	case <-e.ended:
		select {
		case answer = <-e.answers: // it came just before the end
			return answer, nil
		default:
		}
		if ctx.Err() != nil {
			return answer, ctx.Err()
		}
		return answer, e.why
	case <-ctx.Done():
		e.hangUp()
		return answer, ctx.Err()
	}
}

// Over is closed when the connection has ended.
func (e *Exchange[M]) Over() <-chan struct{} { return e.ended }

// Why is why it ended.
func (e *Exchange[M]) Why() error {
	select {
	case <-e.ended:
		return e.why
	default:
		return errClosed
	}
}

// Close ends the connection and what receives from it.
func (e *Exchange[M]) Close() {
	e.hangUp()
	<-e.ended
}
