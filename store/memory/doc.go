// Package memory is a record that lives in memory: the same transactions, items, tables, rows
// and tree as package store, with nothing on disk and nothing sealed. Simulations and tests
// use it; a node never does, since what it holds ends with the process.
//
// It shares no code with package store beyond errors, limits and the leaf, so that the
// conformance suite in store/storetest compares two implementations. On disk is nothing.
package memory
