// Package notes holds the two notes that stand under messages between States and that no
// sender can leave out, in the six official languages of the United Nations.
//
// A message carries a note as id and version only; each reader sees the text of that version
// in a language of their own. The wording is the project's: it says what sentences 4 and 5 of
// paragraph 10 of the annex say, without being a quotation. A text never changes once it has
// been published: another wording is another version, and old versions stay readable.
//
// The texts are the files text/ID.VERSION.LANGUAGE.txt, one line of UTF-8 each, so that other
// implementations can take them as they are. The package must never import another package of
// this module than the contract. docs/protocol.md §5.5
package notes
