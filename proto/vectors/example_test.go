package vectors_test

import (
	"fmt"

	"valise.example/proto/vectors"
)

// Another implementation reads index.json, opens each file, and compares.
func Example() {
	index, err := vectors.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range index.Messages {
		if v.Name == "size-16-kib" || v.Name == "two-hybrid-stanzas" {
			b, err := vectors.FS.ReadFile(v.File)
			fmt.Printf("%s: %s, %d bytes read, %v\n", v.Name, v.Expect, len(b), err)
		}
	}
	// Output:
	// size-16-kib: ok, 18043 bytes read, <nil>
	// two-hybrid-stanzas: profile, 19600 bytes read, <nil>
}
