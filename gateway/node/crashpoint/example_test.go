package crashpoint_test

import (
	"fmt"

	"valise.example/gateway/node/crashpoint"
)

func ExamplePoints() {
	for _, p := range crashpoint.Points() {
		if p.Side == crashpoint.Keeper {
			fmt.Println(p.Name, p.What)
		}
	}
	// Output:
	// K1 a new sealing key is stored; nothing public names it
	// K2 a key bundle is signed; nobody has it
	// K3a the record tells that a sealing key is destroyed; its file is whole
	// K3b the file of a sealing key has a name that no start reads; its bytes are whole
	// K3c the file of a sealing key is overwritten; it has a name still
	// D1 a new record is made; the folder is not a home yet
	// D4 a backup has its copy of the record; the file is not there yet
	// D5 a restored record has begun its epoch; the folder is not a home yet
	// D10 leaves are in the record; no receipt commits to its head yet
}
