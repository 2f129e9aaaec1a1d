package draft

import (
	"errors"
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"valise.example/proto/tomlkey"
	valisev1 "valise.example/proto/valise/v1"
)

// reader fills a message from the values of a TOML table and notes everything that is wrong.
type reader struct {
	outline tomlkey.Outline
	root    protoreflect.Message // the whole payload, for what stands in one list of it
	refs    []AttachmentRef
	errs    []*Error
}

// wrong notes err at path. The line and key are added here, and nowhere else.
func (r *reader) wrong(path string, err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = refuse(valisev1.Reason_REASON_BAD_DRAFT, "%v", err)
	}
	if e.Reason == valisev1.Reason_REASON_BAD_REQUEST {
		e.Reason = valisev1.Reason_REASON_BAD_DRAFT
	}
	at := *e
	at.Key, at.Line = path, r.outline.At(path)
	r.errs = append(r.errs, &at)
}

// table reads the keys of one table into m.
func (r *reader) table(path string, in map[string]any, s *shape, m protoreflect.Message) {
	for key := range in {
		if row, ok := s.row(key); !ok || row.shown {
			e := refuse(valisev1.Reason_REASON_BAD_DRAFT, "this draft has no such key")
			e.Suggestion = s.nearest(path, key)
			r.wrong(join(path, key), e)
		}
	}
	for _, row := range s.rows {
		v, ok := in[row.key]
		if ok && !row.shown {
			r.value(join(path, row.key), v, row, m)
		}
	}
	for _, row := range s.rows {
		r.demand(join(path, row.key), row, m)
	}
}

// demand notes a value that the contract wants and the draft does not give. Keys that only the
// node fills in are its own business.
func (r *reader) demand(path string, row row, m protoreflect.Message) {
	fd := row.field(m.Descriptor())
	if row.shown || !mandatory(fd) {
		return
	}
	if owner, ok := row.owner(m, false); ok && owner.Has(fd) {
		return
	}
	if _, _, words := questionWords(m); words && fd.FullName() == questionField {
		return
	}
	r.wrong(path, flawed(FlawMissing, valisev1.Reason_REASON_BAD_DRAFT, "is missing"))
}

// value reads one value of any type into its field. An empty value is the same as none.
func (r *reader) value(path string, v any, row row, m protoreflect.Message) {
	fd := row.field(m.Descriptor())
	if why, ok := absenceOf(v); ok && !isFact(fd) {
		r.absent(path, why, row, fd)
		return
	}
	if r.question(path, v, fd, m) {
		return
	}
	switch {
	case row.describes():
		r.describe(path, v, row, m)
	case fd.IsList() && fd.Message() != nil && fd.Message().FullName() == "valise.v1.Attachment":
		r.attachments(path, v, row, m)
	case fd.IsList() && row.isTable():
		r.tables(path, v, row, m)
	case fd.IsList():
		r.strings(path, v, row, m)
	case row.isTable():
		r.subtable(path, v, row, m)
	default:
		value, err := scalar(fd, v)
		if err != nil {
			r.wrong(path, err)
			return
		}
		if value.IsValid() {
			owner, _ := row.owner(m, true)
			owner.Set(fd, value)
		}
	}
}

func (r *reader) subtable(path string, v any, row row, m protoreflect.Message) {
	in, ok := v.(map[string]any)
	if !ok {
		r.wrong(path, wrongType("a table", v))
		return
	}
	fd := row.field(m.Descriptor())
	owner, _ := row.owner(m, true)
	message := owner.NewField(fd)
	r.table(path, in, row.sub, message.Message())
	if !isEmpty(message.Message()) {
		owner.Set(fd, message)
	}
}

func (r *reader) tables(path string, v any, row row, m protoreflect.Message) {
	elements, ok := tablesOf(v)
	if !ok {
		r.wrong(path, wrongType("one or more tables", v))
		return
	}
	fd := row.field(m.Descriptor())
	if err := checkCount(fd, len(elements)); err != nil {
		r.wrong(path, err)
		return
	}
	if len(elements) == 0 {
		return
	}
	owner, _ := row.owner(m, true)
	list := owner.Mutable(fd).List()
	for i, in := range elements {
		element := list.NewElement()
		r.table(index(path, i), in, row.sub, element.Message())
		list.Append(element)
	}
}

// tablesOf takes [[tables]] as well as a list of inline tables.
func tablesOf(v any) ([]map[string]any, bool) {
	switch v := v.(type) {
	case []map[string]any:
		return v, true
	case []any:
		tables := make([]map[string]any, 0, len(v))
		for _, element := range v {
			table, ok := element.(map[string]any)
			if !ok {
				return nil, false
			}
			tables = append(tables, table)
		}
		return tables, true
	}
	return nil, false
}

func (r *reader) strings(path string, v any, row row, m protoreflect.Message) {
	fd := row.field(m.Descriptor())
	texts, err := stringList(fd, v)
	if err != nil {
		r.wrong(path, err)
		return
	}
	if len(texts) == 0 {
		return
	}
	owner, _ := row.owner(m, true)
	list := owner.Mutable(fd).List()
	for _, text := range texts {
		list.Append(protoreflect.ValueOfString(text))
	}
}

func stringList(fd protoreflect.FieldDescriptor, v any) ([]string, error) {
	elements, ok := v.([]any)
	if !ok {
		return nil, wrongType("a list of texts", v)
	}
	if err := checkCount(fd, len(elements)); err != nil {
		return nil, err
	}
	texts := make([]string, 0, len(elements))
	for i, element := range elements {
		text, ok := element.(string)
		if !ok {
			return nil, wrongType("a list of texts", element)
		}
		if err, ok := errors.AsType[*Error](checkString(fd, text)); ok {
			e := *err
			e.Detail = fmt.Sprintf("number %d %s", i+1, e.Detail)
			return nil, &e
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// scalar reads a value that is written as one: text, number, time, fact. An invalid Value means
// that the draft leaves it open.
func scalar(fd protoreflect.FieldDescriptor, v any) (protoreflect.Value, error) {
	none := protoreflect.Value{}
	switch {
	case fd.Message() != nil:
		return message(fd, v)
	case fd.Kind() == protoreflect.BoolKind:
		b, ok := v.(bool)
		if !ok {
			return none, wrongType("true or false", v)
		}
		return protoreflect.ValueOfBool(b), nil
	case fd.Kind() == protoreflect.Uint32Kind:
		n, ok := v.(int64)
		if !ok {
			return none, wrongType("a number", v)
		}
		r := rules(fd).GetUint32()
		if n < int64(r.GetGte()) || r.GetLte() > 0 && n > int64(r.GetLte()) || n > math.MaxUint32 {
			return none, refuse(valisev1.Reason_REASON_BAD_DRAFT, "is not from %d to %d", r.GetGte(), r.GetLte())
		}
		return protoreflect.ValueOfUint32(uint32(n)), nil
	}
	s, ok := v.(string)
	if !ok {
		return none, wrongType("a text", v)
	}
	if s == "" {
		return none, nil
	}
	if fd.Kind() == protoreflect.EnumKind {
		return enumValue(fd.Enum(), s)
	}
	if err := checkString(fd, s); err != nil {
		return none, err
	}
	if fd.Name() == "language" && !isLanguage(s) {
		return none, refuse(valisev1.Reason_REASON_BAD_DRAFT, "is no language tag: want BCP 47, for example \"en\" or \"zh-Hans\"")
	}
	if fd.Name() == "media_type" && !mediaType.MatchString(s) {
		return none, refuse(valisev1.Reason_REASON_BAD_DRAFT, "is no media type: want for example \"text/plain\"")
	}
	return protoreflect.ValueOfString(s), nil
}

func isEmpty(m protoreflect.Message) bool {
	empty := true
	m.Range(func(protoreflect.FieldDescriptor, protoreflect.Value) bool {
		empty = false
		return false
	})
	return empty
}

// wrongType says what is wanted and what is there, without repeating it.
func wrongType(want string, v any) error {
	got := "something else"
	switch v.(type) {
	case string:
		got = "a text"
	case bool:
		got = "true or false"
	case int64, float64:
		got = "a number"
	case time.Time:
		got = "a time"
	case []any:
		got = "a list"
	case map[string]any:
		got = "a table"
	case []map[string]any:
		got = "tables"
	}
	return refuse(valisev1.Reason_REASON_BAD_DRAFT, "wants %s, this is %s", want, got)
}
