package seal

import "bytes"

// MaxPiece is the most that one envelope carries, in bytes.
const MaxPiece = 256<<10 - frameHead

// OpenPiece undoes Close for what is no message: a piece of the directory. It takes the steps of
// opening from the size to the padding, and what it returns is signed by nobody. by is the key
// that opened it. The error is always a *Refusal. docs/protocol.md §8.6
func OpenPiece(piece []byte, keys ...SealingKey) (content []byte, by SealingKey, err error) {
	held := make([]HeldKey, len(keys))
	for i, k := range keys {
		held[i].Key = k
	}
	content, used, err := unseal(piece, held)
	if err != nil {
		return nil, SealingKey{}, err
	}
	return bytes.Clone(content), used.Key, nil
}
