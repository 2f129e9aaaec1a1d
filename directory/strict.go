package directory

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"

	"valise.example/proto/tomlkey"
)

// plainKey is how every key of our files is spelled.
var plainKey = regexp.MustCompile(`^[a-z_]+$`)

// decodeStrict reads TOML into what it points to. What is no TOML, of another type, or an unknown key is an
// error that names its line; so is "State" for "state", which the decoder would take: two spellings of
// one key would be two facts.
func decodeStrict(b []byte, into any) error {
	meta, err := toml.Decode(string(b), into)
	if err != nil {
		return plainTOML(err)
	}
	unknown := meta.Undecoded()
	for _, key := range meta.Keys() {
		if !plainKey.MatchString(key[len(key)-1]) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("line %d: there is no key %.60q", tomlkey.Line(b, unknown[0]...), unknown[0].String())
}

// plainTOML keeps what the parser says and its line, without the text around it.
func plainTOML(err error) error {
	if p, ok := errors.AsType[toml.ParseError](err); ok {
		return fmt.Errorf("line %d: %s", p.Position.Line, p.Message)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "toml: "))
}
