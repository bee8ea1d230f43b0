package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/itchyny/gojq"
)

// expr is a jq expression, compiled when the file is read. It sees the entered fields that are no secrets
// as $fields, and gives exactly one result.
type expr struct {
	place
	code *gojq.Code
}

// An expression of a person's own file may never end. Nothing else ends one: a request that is given up must
// not look like an answer that is not understood.
const exprTime = 2 * time.Second

func (e *expr) read(n ast.Node) error {
	var t text
	if err := t.read(n); err != nil {
		return err
	}
	query, err := gojq.Parse(t.s)
	if err == nil {
		e.code, err = gojq.Compile(query, gojq.WithVariables([]string{"$fields"}))
	}
	if err != nil {
		return t.wrong("the jq expression %q cannot be read: %v; correct it", t.s, err)
	}
	e.place = t.place
	return nil
}

// run answers the expression's one result.
func (e *expr) run(ctx context.Context, input any, fields map[string]any) (any, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exprTime)
	defer cancel()
	results := e.code.RunWithContext(ctx, input, fields)
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
func (e *expr) value(ctx context.Context, input any, fields map[string]any) (string, error) {
	result, err := e.run(ctx, input, fields)
	if err != nil {
		return "", err
	}
	switch v := result.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case json.Number:
		return v.String(), nil
	case int, float64:
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("the jq expression gives a %T, not a single value", result)
}
