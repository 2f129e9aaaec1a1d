package locale

import "reflect"

// Command is what the command says to a person at a terminal, by what it is said of. Errors stand elsewhere:
// the Reasons have them. Its fields are as those of Page.
type Command struct {
	Check      CheckTexts     `toml:"check"`
	Others     OthersTexts    `toml:"others"`
	OtherField OtherFieldText `toml:"other_field"`
	Kind       KindTexts      `toml:"kind"`
}

// Command is what the command says in the language of c.
func (c *Catalog) Command() *Command { return &c.written.Command }

// Named is the field of a struct of texts that has this key; false for a name that this version has no
// text for, such as one of a later version of the contract.
func Named(texts any, name string) (Text, bool) {
	v := reflect.ValueOf(texts)
	for i := range v.NumField() {
		if text, ok := reflect.TypeAssert[Text](v.Field(i)); ok && v.Type().Field(i).Tag.Get("toml") == name {
			return text, true
		}
	}
	return Text{}, false
}
