//go:build race || besiderace

package seal

// PassphraseWork protects nothing in a build with the race detector, which nobody runs but tests:
// there scrypt costs ten times as much, and races with nothing. A program without the detector that
// tests run beside one with it has the tag besiderace, because each opens what the other made.
const PassphraseWork = 10
