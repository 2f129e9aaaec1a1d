package docs_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// copied are names of fields by which somebody beside the peer would be sent, or could open, what one POC
// says to another.
var copied = regexp.MustCompile(`(^|_)(b?cc|cop(y|ies)_?(to)?|recipients?|escrow\w*|also|observers?|audience|controllers?|(control|escrow|second|extra)_(key|mailbox|recipient|address))(_|$)`)

// keysOfPeers are fields of that name that say what a POC's own key is.
var keysOfPeers = map[protoreflect.FullName]bool{
	"valise.v1.SealingKey.recipient": true, // the age recipient string of a POC, in its own signed bundle. docs/protocol.md §8.4
}

// reached are all messages that a message can hold, itself too.
func reached(into map[protoreflect.FullName]protoreflect.MessageDescriptor, d protoreflect.MessageDescriptor) {
	if into[d.FullName()] != nil {
		return
	}
	into[d.FullName()] = d
	for i := range d.Fields().Len() {
		if m := d.Fields().Get(i).Message(); m != nil {
			reached(into, m)
		}
	}
}

// TestNobodyIsCopiedIn: nothing in the contract names one who gets a message beside the peer, in any realm: the
// header has one to, every request that sends has one, or one for each thread, and an envelope is closed to one key.
func TestNobodyIsCopiedIn(t *testing.T) {
	messages := 0
	protoregistry.GlobalFiles.RangeFilesByPackage("valise.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Messages().Len() {
			m := f.Messages().Get(i)
			messages++
			for j := range m.Fields().Len() {
				field := m.Fields().Get(j)
				if copied.MatchString(string(field.Name())) && !keysOfPeers[field.FullName()] {
					t.Errorf("%s could send a copy to somebody beside the peer", field.FullName())
				}
			}
		}
		return true
	})
	if messages < 100 {
		t.Fatalf("only %d messages are found", messages)
	}
	for _, m := range []proto.Message{&valisev1.Header{}, &valisev1.SendInquiryRequest{}} {
		to := m.ProtoReflect().Descriptor().Fields().ByName("to")
		if to == nil || to.Cardinality() == protoreflect.Repeated {
			t.Errorf("%s has not exactly one to", m.ProtoReflect().Descriptor().FullName())
		}
	}
	if reply := (&valisev1.ReplyRequest{}).ProtoReflect().Descriptor().Fields().ByName("to"); reply != nil {
		t.Error("an answer could go to another than the peer of its thread")
	}
	closes := reflect.TypeOf(seal.Close)
	if closes.NumIn() != 2 || closes.IsVariadic() || closes.In(1) != reflect.TypeFor[seal.Recipient]() {
		t.Errorf("an envelope can be closed to more than one: %s", closes)
	}
}

// contents are the messages that hold what States say to each other.
var contents = []protoreflect.FullName{"valise.v1.Payload", "valise.v1.MessageView", "valise.v1.Signed", "valise.v1.Header", "valise.v1.Item", "valise.v1.Inquiry", "valise.v1.Response", "valise.v1.Preamble"}

// TestControlReadsNothing: no service that steers an exercise can hand out what a message says, nor take it in.
func TestControlReadsNothing(t *testing.T) {
	found := false
	protoregistry.GlobalFiles.RangeFilesByPackage("valise.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			if name := string(s.Name()); !strings.HasPrefix(name, "Exercise") && !strings.HasPrefix(name, "Control") {
				continue
			}
			found = true
			all := map[protoreflect.FullName]protoreflect.MessageDescriptor{}
			for j := range s.Methods().Len() {
				reached(all, s.Methods().Get(j).Input())
				reached(all, s.Methods().Get(j).Output())
			}
			for _, name := range contents {
				if all[name] != nil {
					t.Errorf("%s reaches %s", s.FullName(), name)
				}
			}
		}
		return true
	})
	if !found {
		t.Error("no service steers an exercise")
	}
	for _, name := range contents {
		if d, err := protoregistry.GlobalFiles.FindDescriptorByName(name); err != nil || d == nil {
			t.Errorf("%s is no message of the contract: %v", name, err)
		}
	}
}

var namedTest = regexp.MustCompile("`([a-z0-9_/]+_test\\.go)` `(Test[A-Za-z0-9]+)`")

// TestWhatHoldsExercises: each promise of the threat model about exercises names a test that is there.
func TestWhatHoldsExercises(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "docs", "threat-model.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(b), "\n## Exercises\n")
	section, _, _ = strings.Cut(section, "\n## ")
	rows := 0
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| promise ") {
			continue
		}
		rows++
		tests := namedTest.FindAllStringSubmatch(line, -1)
		if len(tests) == 0 {
			t.Errorf("nothing holds %q", line)
		}
		for _, held := range tests {
			if problem := notHeld(held[1], held[2]); problem != "" {
				t.Error(problem)
			}
		}
	}
	if rows < 8 {
		t.Errorf("only %d promises are found", rows)
	}
}
