package draft

import (
	"errors"

	"valise.example/proto/tomlkey"
	valisev1 "valise.example/proto/valise/v1"
)

// bounds of a draft's form.
var bounds = tomlkey.Bounds{Of: "draft", Depth: 16, Parts: 8, KeyLen: 64, Keys: 4096, Elements: 4096}

// scan returns the outline and the byte at which it stopped, len(s) when it read everything.
func scan(s string) (tomlkey.Outline, int, error) {
	o, stopped, err := tomlkey.Scan(s, bounds)
	if refused, ok := errors.AsType[*tomlkey.Refused](err); ok {
		return o, stopped, &Error{Line: refused.Line, Reason: valisev1.Reason_REASON_BAD_DRAFT, Detail: refused.Detail}
	}
	return o, stopped, nil
}

func join(prefix, key string) string { return tomlkey.Join(prefix, key) }

func index(path string, i int) string { return tomlkey.Index(path, i) }
