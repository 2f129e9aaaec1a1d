package scenario_test

import (
	"fmt"

	"valise.example/exercise/scenario"
)

func ExampleParse() {
	data, _ := scenario.Open("lantern-ward")
	s, err := scenario.Parse("lantern-ward", data)
	if err != nil {
		fmt.Println(err)
		return
	}
	e := s.Injects[1]
	fmt.Println(e.ID, "when", e.When.Words(), "→", e.To[0])
	_, err = scenario.Parse("mine.toml", []byte("valise = \"scenario/v1\"\ntitel = { en = \"Mine\" }\n"))
	fmt.Println(err)
	// Output:
	// I02 when missed E02 → XA/diplomatic
	// mine.toml line 2: titel: there is no such key
}

func ExampleLint() {
	data, _ := scenario.Open("form-drill")
	s, found := scenario.Check("form-drill", data)
	fmt.Println(s.Kind, len(s.Injects), "cards", len(found), "findings", scenario.Playable(found))
	// Output: drill 22 cards 0 findings true
}
