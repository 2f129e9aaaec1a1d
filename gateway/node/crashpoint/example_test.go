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
	// D1 a new record is made; the folder is not a home yet
	// D4 a backup has its copy of the record; the file is not there yet
	// D5 a restored record has begun its epoch; the folder is not a home yet
	// D10 leaves are in the record; no receipt commits to its head yet
}
