// Package mutant seeds mistakes, one at a time, to see that a test finds each. A seam in the code is
// `if mutant.Is("name")`: in an ordinary build it is the constant false, and the compiler leaves
// nothing of it. With the build tag `mutants` the environment variable VALISE_MUTANT names the one
// mistake that is made. `make mutants` builds each and runs the test that must go red.
//
// It must never be built with that tag but for `make mutants`, and has nothing on disk.
package mutant
