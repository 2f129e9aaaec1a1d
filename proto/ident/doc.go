// Package ident names the things that Valise talks about: States, tracks, addresses, realms,
// threads, messages, digests, keys and epochs. It is the vocabulary page in Go; every other
// package uses these types and no synonyms.
//
// Each type has a Parse function that refuses what is not canonical and a String method that
// is its inverse. The package holds no logic beyond that and must never import another
// package of this module.
package ident
