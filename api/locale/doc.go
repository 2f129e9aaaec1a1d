// Package locale is Valise in six languages: the official ones of the United Nations, so that whoever
// has the desk reads an error, or the text that called them, in their own (A-7a-iv). A text is found by
// a method of a Catalog and never by a name that could be misspelt, and every catalog is whole: a
// language in which one text is missing is withdrawn, and none is ever mixed with another.
//
// English is the master. What has a count has every form that the plural rules of its language know;
// what is filled in has a name. Digits are Western everywhere. Isolate and Line keep text of one
// direction from turning text of the other.
//
// No diplomat has reviewed the five translations yet; docs/languages.md says so, and how to.
//
// # What this package must never do
//
// Read the environment, a file or a clock by itself; know a State, a person or anything that a peer
// wrote; translate by machine; show a text of one language as one of another.
//
// # On disk
//
// catalogs/LANGUAGE.toml, one file for each language, built into the program; and glossary.toml, the
// words of the trade in six languages, which only tests and translators read.
package locale
