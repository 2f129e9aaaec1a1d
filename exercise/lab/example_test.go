package lab_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"time"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
)

func ExampleNew() {
	dir, err := os.MkdirTemp("", "valise-example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	l, err := lab.New(lab.Config{Dir: dir, States: []ident.State{"XA", "XB"}, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range l.States {
		fmt.Println(s, lab.Name(s))
	}
	// Output:
	// XA Alder
	// XB Birch
}
