package relaytest

import "testing"

var hostile []struct {
	name string
	test func(*testing.T, *world, Raw)
}
