//go:build race

package seal

// PassphraseWork protects nothing in a build with the race detector, which nobody runs but tests:
// there scrypt costs ten times as much, and races with nothing.
const PassphraseWork = 10
