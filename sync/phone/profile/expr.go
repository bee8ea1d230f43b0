package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/itchyny/gojq"
)

// expr is a jq expression, compiled when the file is read, with the functions of functions.go besides jq's
// own. It sees as $fields what templates have as ${name} and is no secret, and as $http the status and the
// headers of the answer it is about. It gives exactly one result.
type expr struct {
	place
	code *gojq.Code
}

// secretly is an expression that also sees the entered secrets, as $secrets. Its result is a secret.
type secretly struct{ expr }

// An expression of a person's own file may never end. Nothing else ends one: a request that is given up must
// not look like an answer that is not understood.
const exprTime = 2 * time.Second

// view is what expressions see besides their input.
type view struct {
	fields  func() map[string]any
	more    map[string]any // added to the fields
	secrets map[string]any
	http    map[string]any
}

// of is the view of an answer's head.
func (v view) of(status int, header http.Header) view {
	headers := map[string]any{}
	for name := range header {
		headers[strings.ToLower(name)] = header.Get(name)
	}
	v.http = map[string]any{"status": status, "headers": headers}
	return v
}

// with is the view with more fields.
func (v view) with(more map[string]string) view {
	all := maps.Clone(v.more)
	if all == nil {
		all = map[string]any{}
	}
	for name, value := range more {
		all[name] = value
	}
	v.more = all
	return v
}

func (v view) values() []any {
	fields := map[string]any{}
	if v.fields != nil {
		maps.Copy(fields, v.fields())
	}
	maps.Copy(fields, v.more)
	values := []any{fields, v.http, v.secrets}
	if v.http == nil {
		values[1] = nil
	}
	return values
}

var variables = []string{"$fields", "$http", "$secrets"}

func (e *expr) read(n ast.Node) error     { return e.compile(n, variables[:2]) }
func (e *secretly) read(n ast.Node) error { return e.compile(n, variables) }

func (e *expr) compile(n ast.Node, sees []string) error {
	var t text
	if err := t.read(n); err != nil {
		return err
	}
	query, err := gojq.Parse(t.s)
	if err == nil {
		e.code, err = gojq.Compile(query, append(functions(), gojq.WithVariables(sees))...)
	}
	if err != nil {
		return t.wrong("the jq expression %q cannot be read: %v; correct it", t.s, err)
	}
	e.place = t.place
	return nil
}

// run answers the expression's one result.
func (e *expr) run(ctx context.Context, input any, v view) (any, error) {
	return e.evaluate(ctx, input, v.values()[:2])
}

func (e *secretly) run(ctx context.Context, input any, v view) (any, error) {
	return e.evaluate(ctx, input, v.values())
}

func (e *expr) evaluate(ctx context.Context, input any, values []any) (any, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exprTime)
	defer cancel()
	results := e.code.RunWithContext(ctx, input, values...)
	first, ok := results.Next()
	if !ok {
		return nil, errors.New("the jq expression gives no result")
	}
	if err, failed := first.(error); failed {
		return nil, fmt.Errorf("the jq expression fails: %w", err)
	}
	if _, more := results.Next(); more {
		return nil, errors.New("the jq expression gives more than one result")
	}
	return first, nil
}

// value answers the result as the API value of a status; nothing, null and the empty text are "".
func (e *expr) value(ctx context.Context, input any, v view) (string, error) {
	return single(e.run(ctx, input, v))
}

func (e *secretly) value(ctx context.Context, input any, v view) (string, error) {
	return single(e.run(ctx, input, v))
}

// truth tells whether the result is anything but false and null.
func (e *expr) truth(ctx context.Context, input any, v view) (bool, error) {
	result, err := e.run(ctx, input, v)
	return result != nil && result != false, err
}

func single(result any, err error) (string, error) {
	if err != nil {
		return "", err
	}
	if s, ok := scalarText(result); ok {
		return s, nil
	}
	return "", fmt.Errorf("the jq expression gives a %T, not a single value", result)
}

func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	case int, float64:
		return fmt.Sprint(v), true
	}
	return "", false
}
