package node

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

// CarryMail runs everything that carries the mail of a node and looks after its keys, and no door, until ctx ends. Its
// couriers come from dial: a bubble's clock stands still while anybody waits for a socket.
func (n *Node) CarryMail(ctx context.Context, dial func(context.Context, relay.DialConfig) (relay.Courier, error)) {
	n.mail.dial = dial
	var work sync.WaitGroup
	work.Go(func() { n.keepKeys(ctx) })
	n.mail.run(ctx)
	work.Wait()
}

// Signed tells the node of the date of a message of another State that verified.
func (n *Node) Signed(by ident.State, created time.Time) { n.time.signed(by, created) }

// ConfigKeys are all keys that valise.toml may have, as "quota.bytes", and "table[].key" where
// a table may stand there several times or never.
func ConfigKeys() []string { return keysOfTable(reflect.TypeFor[configText](), "") }

func keysOfTable(t reflect.Type, before string) (keys []string) {
	for f := range t.Fields() {
		name := before + f.Tag.Get("toml")
		if f.Type.Kind() == reflect.Pointer {
			f.Type = f.Type.Elem()
		}
		if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct {
			f.Type, name = f.Type.Elem(), name+"[]"
		}
		if f.Type.Kind() == reflect.Struct {
			keys = append(keys, keysOfTable(f.Type, name+".")...)
			continue
		}
		keys = append(keys, name)
	}
	return keys
}

// Status is what the door tells of the node.
func (n *Node) Status(ctx context.Context) (*valisev1.GetStatusResponse, error) {
	return statusReader{n}.Status(ctx)
}

// FailLastStep lets the last step of every upgrade fail, until what it returns is called.
func FailLastStep() (mend func()) {
	whole := homeSteps
	homeSteps = slices.Clone(whole)
	homeSteps[len(whole)-1].do = func(context.Context, *Node) error { return errors.New("ended between two steps") }
	return func() { homeSteps = whole }
}

// Rejected is valise_rejected_total by its reason, as a monitor reads it.
func (n *Node) Rejected() (map[string]int, error) {
	families, err := n.metrics.registry.Gather()
	out := map[string]int{}
	for _, f := range families {
		if f.GetName() != "valise_rejected_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			out[m.GetLabel()[0].GetValue()] = int(m.GetCounter().GetValue())
		}
	}
	return out, err
}
