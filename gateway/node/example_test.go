package node_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"time"

	"valise.example/gateway/node"
	"valise.example/proto/ident"
)

// A home is made once; then it says for whom it speaks.
func Example() {
	dir, err := os.MkdirTemp("", "home")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	err = node.Init(node.InitConfig{
		Dir: dir, State: "XA", Realm: "exercise:lab-00112233445566778899aabbccddeeff",
		Tracks: []ident.Track{ident.Technical}, Now: time.Now, Rand: rand.Reader,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	home, err := node.OpenHome(dir, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(home.Addresses())
	// Output: [XA/technical]
}
