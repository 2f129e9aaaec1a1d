//go:build faults

package store

import "os"

// neverSync is the seeded fault VALISE_MUTANT=no-sync: every trial of power failures must find it.
func neverSync() bool { return os.Getenv("VALISE_MUTANT") == "no-sync" }

// selfIsChild says that this process was itself started under a limit of memory to open doubtful
// files, thousands of them, and its parent takes its end for an answer (cmd/trial/faults).
func selfIsChild() bool { return os.Getenv("VALISE_STORE_SELF") == "limited" }
