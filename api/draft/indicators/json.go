package indicators

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// MaxFile is how many bytes a file may have that a draft is filled from. A larger one can still be
// an attachment: nothing reads it then.
const MaxFile = 16 << 20

// Bounds on what one file may make us build.
const (
	maxDepth  = 32
	maxValues = 400_000
)

// tree reads JSON into map[string]any, []any, string, json.Number, bool and nil. A key that stands
// twice is refused: two readers of one file would see two files.
type tree struct {
	decoder *json.Decoder
	values  int
}

func parse(data []byte) (any, error) {
	if len(data) > MaxFile {
		return nil, refuse(valisev1.Reason_REASON_TOO_LARGE, "has more than 16 MiB: write the draft by hand and attach the file")
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, refuse(valisev1.Reason_REASON_BAD_TEXT, "is not UTF-8")
	}
	t := &tree{decoder: json.NewDecoder(bytes.NewReader(data))}
	t.decoder.UseNumber() // a number is text until somebody needs it, however large
	v, err := t.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := t.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, bad("goes on after its end")
	}
	return v, nil
}

func (t *tree) value(depth int) (any, error) {
	token, err := t.decoder.Token()
	if err != nil {
		return nil, bad("is no JSON")
	}
	if t.values++; t.values > maxValues {
		return nil, refuse(valisev1.Reason_REASON_TOO_LARGE, "holds more values than a draft is filled from: write the draft by hand and attach the file")
	}
	delim, isDelim := token.(json.Delim)
	if !isDelim {
		return token, nil
	}
	if depth == maxDepth {
		return nil, bad("is nested deeper than any event or bundle")
	}
	if delim == '[' {
		return t.list(depth + 1)
	}
	return t.object(depth + 1)
}

func (t *tree) list(depth int) (any, error) {
	list := []any{}
	for t.decoder.More() {
		v, err := t.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, t.close()
}

func (t *tree) object(depth int) (any, error) {
	object := map[string]any{}
	for t.decoder.More() {
		token, err := t.decoder.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return nil, bad("is no JSON")
		}
		if _, twice := object[key]; twice {
			return nil, bad("has a key twice in one object")
		}
		v, err := t.value(depth)
		if err != nil {
			return nil, err
		}
		object[key] = v
	}
	return object, t.close()
}

// close reads the bracket that ends a list or object.
func (t *tree) close() error {
	if _, err := t.decoder.Token(); err != nil {
		return bad("is no JSON")
	}
	return nil
}

func bad(detail string) error { return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, detail) }

func refuse(reason valisev1.Reason, detail string) error {
	return &draft.Error{Reason: reason, Detail: detail}
}
