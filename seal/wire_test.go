package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	"pgregory.net/rapid"

	valisev1 "valise.example/proto/valise/v1"
)

func descriptorOf(m proto.Message) protoreflect.MessageDescriptor {
	return m.ProtoReflect().Descriptor()
}

type hostileWire struct {
	name string
	of   proto.Message
	wire []byte
}

func tag(n protowire.Number, t protowire.Type) []byte { return protowire.AppendTag(nil, n, t) }

func field(n protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(tag(n, protowire.BytesType), value)
}

func varint(n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(tag(n, protowire.VarintType), v)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// deepValue nests as deep as asked, through a type that holds itself; the contract has none.
func deepValue(levels int) []byte {
	var b []byte
	for range levels / 2 {
		b = field(6, field(1, b)) // Value.list_value, ListValue.values
	}
	return b
}

// hostileWires are bytes that two decoders could read differently. Bad inputs 20 to 26, 29, 30.
func hostileWires() []hostileWire {
	void, receipt, inquiry := &valisev1.Void{}, &valisev1.ReceiptBatch{}, &valisev1.Inquiry{}
	header, fact := &valisev1.Header{}, &valisev1.TextFact{}
	location := &descriptorpb.SourceCodeInfo_Location{}
	return []hostileWire{
		{"singular twice", void, join(field(1, make32(1)), field(1, make32(2)))},
		{"singular twice, the same", void, join(field(1, make32(1)), field(1, make32(1)))},
		{"singular message twice", inquiry, join(field(1, nil), field(1, nil))},
		{"from twice in the header", header, join(field(5, []byte("XA/technical")), field(5, []byte("XC/technical")))},
		{"twice within a message", inquiry, field(2, join(field(1, []byte("a")), field(1, []byte("b"))))},
		{"two members of a oneof", fact, join(field(1, []byte("a")), varint(2, 1))},
		{"two members of a oneof, turned", fact, join(varint(2, 1), field(1, []byte("a")))},
		{"oneof within a oneof's message", inquiry, field(5, field(1, join(field(1, []byte("a")), varint(2, 1))))},
		{"one member of a oneof twice", fact, join(varint(2, 1), varint(2, 1))},
		{"over-long varint", header, join(tag(1, protowire.VarintType), []byte{0x81, 0x00})},
		{"over-long varint of ten bytes", header, join(tag(1, protowire.VarintType), []byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00})},
		{"varint of 65 bits", header, join(tag(9, protowire.VarintType), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02})},
		{"varint of eleven bytes", header, join(tag(9, protowire.VarintType), bytes.Repeat([]byte{0x80}, 10), []byte{1})},
		{"varint without an end", header, join(tag(9, protowire.VarintType), []byte{0xff})},
		{"over-long tag", void, join([]byte{0x8a, 0x00}, []byte{0})},
		{"over-long length", void, join(tag(1, protowire.BytesType), []byte{0x80, 0x00})},
		{"uint32 of 33 bits", header, varint(1, 1<<32+1)},
		{"enum of 33 bits", header, varint(4, 1<<32+1)},
		{"negative enum of 32 bits", header, varint(4, math.MaxUint32)},
		{"bool of 2", &valisev1.Response{}, varint(6, 2)},
		{"sint32 of 33 bits", &valisev1.ZonedTime{}, varint(2, 1<<32)},
		{"group", void, []byte{0x0b, 0x0c}},
		{"group that ends only", void, []byte{0x0c}},
		{"group of an unknown field", void, []byte{0x7b, 0x7c}},
		{"wire type 6", void, []byte{0x0e}},
		{"wire type 7", void, []byte{0x0f}},
		{"field 0", void, []byte{0x02, 0x00}},
		{"field over 2^29", void, join(protowire.AppendVarint(nil, 1<<32|2), []byte{0})},
		{"bytes as varint", void, varint(1, 1)},
		{"varint as bytes", header, field(1, []byte{1})},
		{"message as varint", inquiry, varint(1, 1)},
		{"fixed64 as varint", header, varint(8, 1)},
		{"fixed64 cut short", header, join(tag(8, protowire.Fixed64Type), []byte{1, 2, 3})},
		{"fixed32 cut short", void, join(tag(9, protowire.Fixed32Type), []byte{1, 2, 3})},
		{"length beyond the buffer", void, join(tag(1, protowire.BytesType), []byte{2, 1})},
		{"length of 2 GiB", void, join(tag(1, protowire.BytesType), binary.AppendUvarint(nil, 1<<31))},
		{"length of 2^64-1", void, join(tag(1, protowire.BytesType), binary.AppendUvarint(nil, math.MaxUint64))},
		{"length beyond its message", inquiry, join(tag(2, protowire.BytesType), []byte{2, 0x0a, 9}, make([]byte, 20))},
		{"tag without a value", void, tag(1, protowire.BytesType)},
		{"text that is not UTF-8", inquiry, field(3, []byte{0xff})},
		{"text with half a surrogate", inquiry, field(3, []byte("\xed\xa0\x80"))},
		{"text over-long", inquiry, field(3, []byte{0xc0, 0x80})},
		{"text in a list that is not UTF-8", inquiry, field(7, []byte{0xfe})},
		{"packed bomb", location, field(1, make([]byte, defaultItems+1))},
		{"packed bomb in parts", location, bytes.Repeat(field(1, make([]byte, 100)), 11)},
		{"packed and single", location, join(field(1, make([]byte, defaultItems)), varint(1, 0))},
		{"packed, over-long", location, field(1, []byte{0x80, 0x00})},
		{"packed, cut short", location, field(1, []byte{0x80})},
		{"packed, too large for its type", location, field(1, protowire.AppendVarint(nil, math.MaxUint32))},
		{"65 questions", inquiry, bytes.Repeat(field(7, []byte("?")), 65)},
		{"33 attachments", inquiry, bytes.Repeat(field(12, nil), 33)},
		{"2,049 references", &valisev1.Acknowledgement{}, bytes.Repeat(field(2, make32(1)), 2049)},
		{"257 held", receipt, field(3, bytes.Repeat(field(2, nil), 257))},
		{"a million unknown fields", void, bytes.Repeat(varint(9, 1), 1_000_000)},
		{"impossible nanoseconds", receipt, field(4, varint(2, 1e9))},
		{"negative nanoseconds", receipt, field(4, varint(2, math.MaxUint64))},
		{"year 10000", receipt, field(4, varint(1, 253402300800))},
		{"year 0", receipt, field(4, varint(1, uint64(1<<64-62135596801)))},
		{"a duration with two signs", &durationpb.Duration{}, join(varint(1, 1), varint(2, math.MaxUint64))},
		{"NaN", &wrapperspb.DoubleValue{}, join(tag(1, protowire.Fixed64Type), []byte{1, 0, 0, 0, 0, 0, 0xf8, 0x7f})},
		{"infinity", &wrapperspb.FloatValue{}, join(tag(1, protowire.Fixed32Type), []byte{0, 0, 0x80, 0x7f})},
		{"a map", &structpb.Struct{}, field(1, field(1, []byte("k")))},
		{"17 levels", &structpb.Value{}, deepValue(17)},
		{"10,000 levels", &structpb.Value{}, deepValue(10_000)},
	}
}

func TestScanWireRefuses(t *testing.T) {
	for _, h := range hostileWires() {
		t.Run(h.name, func(t *testing.T) {
			unknown, err := ScanWire(h.wire, descriptorOf(h.of))
			if !errors.Is(err, ErrWireForm) || unknown {
				t.Errorf("%v, %v", unknown, err)
			}
		})
	}
}

func TestScanWireTakes(t *testing.T) {
	for name, c := range map[string]struct {
		of      proto.Message
		wire    []byte
		unknown bool
	}{
		"nothing":                         {&valisev1.Void{}, nil, false},
		"fields out of order":             {&valisev1.Header{}, join(varint(9, 1), varint(1, 1)), false},
		"a zero that need not stand":      {&valisev1.Header{}, varint(2, 0), false},
		"2^64-1 in 64 bits":               {&valisev1.Header{}, varint(9, math.MaxUint64), false},
		"an empty member of a oneof":      {&valisev1.TextFact{}, field(1, nil), false},
		"an unknown field":                {&valisev1.Void{}, varint(15, 1), true},
		"an unknown field, twice":         {&valisev1.Void{}, join(field(15, nil), field(15, nil)), true},
		"an unknown field deep inside":    {&valisev1.Inquiry{}, field(5, field(1, varint(9, 1))), true},
		"an unknown enum value":           {&valisev1.TextFact{}, varint(2, 99), true},
		"a negative enum value":           {&valisev1.TextFact{}, varint(2, math.MaxUint64), true},
		"an unknown kind in the header":   {&valisev1.Header{}, varint(4, 99), false},
		"10,000 levels that are unknown":  {&valisev1.Void{}, field(15, deepValue(10_000)), true},
		"256 held":                        {&valisev1.ReceiptBatch{}, field(3, bytes.Repeat(field(2, nil), 256)), false},
		"2,048 references":                {&valisev1.Acknowledgement{}, bytes.Repeat(field(2, make32(1)), 2048), false},
		"packed, as many as allowed":      {&descriptorpb.SourceCodeInfo_Location{}, field(1, make([]byte, defaultItems)), false},
		"a list that is not packed":       {&descriptorpb.SourceCodeInfo_Location{}, join(varint(1, 1), varint(1, 2)), false},
		"16 levels":                       {&structpb.Value{}, deepValue(15), false},
		"an offset west of Greenwich":     {&valisev1.ZonedTime{}, varint(2, protowire.EncodeZigZag(-300)), false},
		"text with a zero byte":           {&valisev1.Person{}, field(1, []byte("a\x00b")), false},
		"fixed fields that are not known": {&valisev1.Void{}, join(tag(9, protowire.Fixed32Type), make([]byte, 4), tag(10, protowire.Fixed64Type), make([]byte, 8)), true},
	} {
		unknown, err := ScanWire(c.wire, descriptorOf(c.of))
		if err != nil || unknown != c.unknown {
			t.Errorf("%s: unknown %v, %v", name, unknown, err)
		}
	}
}

// TestScanWireOfUnknownTypes: of a type we do not know only the outermost form is judged.
func TestScanWireOfUnknownTypes(t *testing.T) {
	for name, b := range map[string][]byte{
		"group": {0x0b, 0x0c}, "over-long": {0x08, 0x81, 0x00}, "cut short": {0x0a, 5, 1}, "million": bytes.Repeat(varint(9, 1), 1_000_000),
	} {
		if _, err := ScanWire(b, nil); !errors.Is(err, ErrWireForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if unknown, err := ScanWire(join(varint(1, 1), varint(1, 2), field(3, []byte{0xff})), nil); err != nil || unknown {
		t.Errorf("%v, %v", unknown, err)
	}
}

// walk visits every field of every message that d can hold.
func walk(d protoreflect.MessageDescriptor, depth int, seen map[protoreflect.FullName]int, visit func(protoreflect.FieldDescriptor, int)) {
	if had, ok := seen[d.FullName()]; ok && had >= depth {
		return
	}
	seen[d.FullName()] = depth
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		visit(f, depth)
		if f.Message() != nil && depth <= MaxNesting {
			walk(f.Message(), depth+1, seen, visit)
		}
	}
}

// TestContractCanBeScanned holds the contract to what the scan takes for granted: no maps, no
// groups, no floats, no Any, no extensions, no more than MaxNesting levels, a limit on every list.
// Bad input 31: what carries no type URL cannot carry an unregistered one.
func TestContractCanBeScanned(t *testing.T) {
	roots := []proto.Message{
		&valisev1.Header{}, &valisev1.Signed{}, &valisev1.SignedObject{}, &valisev1.Entry{}, &valisev1.List{},
		&valisev1.KeyBundle{}, &valisev1.ManagerSet{}, &valisev1.RelayCard{}, &valisev1.Roster{},
	}
	for number := range valisev1.Kind_name {
		if p, ok := valisev1.NewPayload(valisev1.Kind(number)); ok {
			roots = append(roots, p)
		} else if number != 0 {
			t.Errorf("kind %d has no payload", number)
		}
	}
	seen := map[protoreflect.FullName]int{}
	for _, root := range roots {
		walk(descriptorOf(root), 1, seen, func(f protoreflect.FieldDescriptor, depth int) {
			switch {
			case depth > MaxNesting:
				t.Errorf("%s stands %d levels deep", f.FullName(), depth)
			case f.IsMap(), f.Kind() == protoreflect.GroupKind, f.Kind() == protoreflect.FloatKind, f.Kind() == protoreflect.DoubleKind:
				t.Errorf("%s is a map, a group or a float", f.FullName())
			case f.Message() != nil && f.Message().FullName() == "google.protobuf.Any":
				t.Errorf("%s is an Any", f.FullName())
			case f.Parent().(protoreflect.MessageDescriptor).ExtensionRanges().Len() > 0:
				t.Errorf("%s stands in a message with extensions", f.FullName())
			case f.IsList() && maxItems(f) == defaultItems:
				t.Errorf("%s has no max_items in the contract", f.FullName())
			}
		})
	}
}

func genReceipt(t *rapid.T) *valisev1.ReceiptBatch {
	bytes32 := rapid.SliceOfN(rapid.Byte(), 32, 32)
	number := rapid.Custom(func(t *rapid.T) *valisev1.NumberedDigest {
		return &valisev1.NumberedDigest{Sequence: rapid.Uint64().Draw(t, "n"), Digest: bytes32.Draw(t, "d")}
	})
	channel := rapid.Custom(func(t *rapid.T) *valisev1.ChannelReceipt {
		return &valisev1.ChannelReceipt{
			Mark:       &valisev1.ChannelMark{Lane: rapid.Uint32().Draw(t, "lane"), Epoch: rapid.Uint64().Draw(t, "epoch"), Mark: rapid.Uint64().Draw(t, "mark")},
			Held:       rapid.SliceOfN(number, 0, 10).Draw(t, "held"),
			Unreadable: rapid.SliceOfN(bytes32, 0, 10).Draw(t, "unreadable"),
		}
	})
	return &valisev1.ReceiptBatch{
		Epoch: rapid.Uint64().Draw(t, "epoch"), Number: rapid.Uint64().Draw(t, "number"),
		Channels:  rapid.SliceOfN(channel, 0, 8).Draw(t, "channels"),
		BusyUntil: &timestamppb.Timestamp{Seconds: rapid.Int64Range(0, 1<<33).Draw(t, "busy")},
	}
}

// TestScanWireProperties: what an honest encoder makes passes; a singular field repeated or a byte
// cut off at the end does not become the same message.
func TestScanWireProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := genReceipt(t)
		b := mustMarshal(m)
		if unknown, err := ScanWire(b, descriptorOf(m)); err != nil || unknown {
			t.Fatalf("honest bytes: %v, %v", unknown, err)
		}
		if _, err := ScanWire(append(bytes.Clone(b), varint(2, 1)...), descriptorOf(m)); err == nil && m.Number != 0 {
			t.Fatal("number passed twice")
		}
		if unknown, err := ScanWire(append(bytes.Clone(b), varint(99, 1)...), descriptorOf(m)); err != nil || !unknown {
			t.Fatalf("an unknown field: %v, %v", unknown, err)
		}
	})
}
