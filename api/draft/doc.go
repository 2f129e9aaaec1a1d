// Package draft turns what an officer writes into the messages of the contract and back. A
// draft is TOML with a fixed set of keys for each kind; the same keys are what `--json` shows
// as the body of a message, so that what is read can be sent again. docs/protocol.md §5.1
//
// Parse is strict: an unknown key is an error with its line and the key that was probably
// meant, because a misspelt key would otherwise leave a fact out in silence. Only who asks,
// which State and how to reach them is mandatory (A-10b); the State is the address a message is
// sent from. Every other fact of an inquiry, a holding reply or an answer may be given as
//
//	nature = "intrusions"
//	nature = { unknown = true }         # not known yet
//	nature = { withheld = true }        # known and not said
//	nature = { not_applicable = true }
//
// In an answer a question may be named by its words; ResolveAnswers finds its number.
//
// Times are RFC 3339 with an offset. Lengths and counts are those of the contract, read from
// its field rules, so that there is one place for them. Text is UTF-8 without control
// characters; a line that is shown on its own (a title, a name) holds no characters that turn
// or hide text either.
//
// # What this package must never do
//
// Open a file: attachments are named, and reading them is the caller's business. Keep anything,
// log anything, or repeat more than a few characters of a draft in an error. It imports nothing
// of this module but the contract, and nothing is on disk.
package draft
