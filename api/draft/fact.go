package draft

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
	valisev1 "valise.example/proto/valise/v1"
)

// absences are the three ways to give no value. A-10b
var absences = map[string]valisev1.Absence{
	"unknown":        valisev1.Absence_ABSENCE_UNKNOWN,
	"withheld":       valisev1.Absence_ABSENCE_WITHHELD,
	"not_applicable": valisev1.Absence_ABSENCE_NOT_APPLICABLE,
}

// absenceName is the inverse of absences; "" for a plain absence.
func absenceName(a valisev1.Absence) string {
	for name, absence := range absences {
		if absence == a {
			return name
		}
	}
	return ""
}

// message reads what a draft writes as one value and the contract holds as a message.
func message(fd protoreflect.FieldDescriptor, v any) (protoreflect.Value, error) {
	var m proto.Message
	var err error
	switch fd.Message().FullName() {
	case "google.protobuf.Timestamp":
		m, err = timestamp(v)
	case "valise.v1.Estimate":
		m, err = estimate(v)
	case "valise.v1.TextFact":
		m, err = textFact(v)
	case "valise.v1.TimeFact":
		m, err = timeFact(v)
	case "valise.v1.BoolFact":
		m, err = boolFact(v)
	case "valise.v1.ListFact":
		m, err = listFact(v)
	default:
		return protoreflect.Value{}, refuse(valisev1.Reason_REASON_BAD_DRAFT, "cannot be written in a draft")
	}
	if err != nil || m == nil {
		return protoreflect.Value{}, err
	}
	return protoreflect.ValueOfMessage(m.ProtoReflect()), nil
}

// absence reads { unknown = true } and its like; ok is false when v is no table. A-10b
func absence(v any) (a valisev1.Absence, ok bool, err error) {
	table, ok := v.(map[string]any)
	if !ok {
		return 0, false, nil
	}
	for name, value := range table {
		if a, known := absences[name]; known && value == true && len(table) == 1 {
			return a, true, nil
		}
	}
	return 0, true, refuse(valisev1.Reason_REASON_BAD_DRAFT,
		"wants a value or one of { unknown = true }, { withheld = true }, { not_applicable = true }")
}

func textFact(v any) (proto.Message, error) {
	if a, ok, err := absence(v); ok {
		return &valisev1.TextFact{Fact: &valisev1.TextFact_Absence{Absence: a}}, err
	}
	s, ok := v.(string)
	if !ok {
		return nil, wrongType("a text", v)
	}
	if s == "" {
		return nil, nil
	}
	m := &valisev1.TextFact{Fact: &valisev1.TextFact_Value{Value: s}}
	return m, checkString(m.ProtoReflect().Descriptor().Fields().ByName("value"), s)
}

func timeFact(v any) (proto.Message, error) {
	if a, ok, err := absence(v); ok {
		return &valisev1.TimeFact{Fact: &valisev1.TimeFact_Absence{Absence: a}}, err
	}
	at, err := zonedTime(v)
	if err != nil || at == nil {
		return nil, err
	}
	return &valisev1.TimeFact{Fact: &valisev1.TimeFact_Value{Value: at}}, nil
}

func boolFact(v any) (proto.Message, error) {
	if a, ok, err := absence(v); ok {
		return &valisev1.BoolFact{Fact: &valisev1.BoolFact_Absence{Absence: a}}, err
	}
	b, ok := v.(bool)
	if !ok {
		return nil, wrongType("true or false", v)
	}
	return &valisev1.BoolFact{Fact: &valisev1.BoolFact_Value{Value: b}}, nil
}

func listFact(v any) (proto.Message, error) {
	if a, ok, err := absence(v); ok {
		return &valisev1.ListFact{Absence: a}, err
	}
	m := &valisev1.ListFact{}
	values, err := stringList(m.ProtoReflect().Descriptor().Fields().ByName("values"), v)
	if err != nil || len(values) == 0 {
		return nil, err
	}
	m.Values = values
	return m, nil
}

// timestamp reads an instant; the offset it is written in is not kept.
func timestamp(v any) (proto.Message, error) {
	at, err := zonedTime(v)
	if err != nil || at == nil {
		return nil, err
	}
	return at.At, nil
}

// zonedTime reads an instant with its offset, as a TOML time or as text; nil for "". A time
// without an offset is refused: nobody on the other side knows the zone of this desk. I-2
func zonedTime(v any) (*valisev1.ZonedTime, error) {
	var t time.Time
	switch v := v.(type) {
	case time.Time:
		if _, local := localLayouts[v.Location().String()]; local {
			return nil, notATime()
		}
		t = v
	case string:
		if v == "" {
			return nil, nil
		}
		if err := t.UnmarshalText([]byte(v)); err != nil {
			return nil, notATime()
		}
	default:
		return nil, wrongType("a time", v)
	}
	_, offset := t.Zone()
	at := timestamppb.New(t)
	if at.CheckValid() != nil || offset%60 != 0 || offset < -18*3600 || offset > 18*3600 {
		return nil, flawed(FlawTime, valisev1.Reason_REASON_BAD_DRAFT, "is outside the years 1 to 9999 or has an offset beyond 18 hours")
	}
	return &valisev1.ZonedTime{At: at, OffsetMinutes: int32(offset / 60)}, nil
}

// localLayouts are the names under which the TOML library returns times without an offset.
var localLayouts = map[string]struct{}{"datetime-local": {}, "date-local": {}, "time-local": {}}

func notATime() error {
	return flawed(FlawTime, valisev1.Reason_REASON_BAD_DRAFT, "is no time with an offset: want RFC 3339, for example 2026-12-24T12:00:00+01:00")
}

// formatTime writes an instant in the offset it was given in, or in UTC where that offset would
// leave the four digits of a year.
func formatTime(at *timestamppb.Timestamp, offsetMinutes int32) string {
	t := at.AsTime().UTC()
	if zoned := t.In(time.FixedZone("", int(offsetMinutes)*60)); offsetMinutes != 0 && zoned.Year() >= 0 && zoned.Year() <= 9999 {
		t = zoned
	}
	return t.Format(time.RFC3339Nano)
}
