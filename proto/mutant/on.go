//go:build mutants

package mutant

import "os"

var name = os.Getenv("VALISE_MUTANT")

// Is reports whether this run makes the mistake of that name.
func Is(mistake string) bool { return mistake != "" && mistake == name }
