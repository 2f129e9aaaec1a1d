//go:build !race && !besiderace

package seal

// PassphraseWork is what trying one passphrase costs whoever finds a file: 2^18 rounds of scrypt, as
// age takes, about a second and 256 MiB.
const PassphraseWork = 18
