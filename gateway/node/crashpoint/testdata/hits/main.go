// Command hits passes two points three times each, for the tests of crashpoint.
package main

import (
	"fmt"

	"valise.example/gateway/node/crashpoint"
)

func main() {
	for n := 1; n <= 3; n++ {
		crashpoint.Hit("S1")
		if err := crashpoint.Err("R1"); err != nil {
			fmt.Print("error ")
			continue
		}
		fmt.Print(n, " ")
	}
}
