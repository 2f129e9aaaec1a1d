package conduct

import "valise.example/proto/ident"

// EndNode ends the present life of a node, as a crash of it alone would.
func EndNode(e *Exercise, s ident.State) {
	e.network.mu.Lock()
	stop := e.network.stops[s]
	e.network.mu.Unlock()
	stop()
}
