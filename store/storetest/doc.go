// Package storetest is the conformance suite of store.Tx, run against every implementation,
// and the helpers of tests that work on a record: New makes one that is wholly checked when
// the test ends. Only tests import it. On disk are only the folders of tests.
package storetest
