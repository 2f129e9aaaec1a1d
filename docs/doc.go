// Package docs holds the pages on Valise and the house rules as tests: who may import whom,
// that every cited section exists, that every package explains itself, which words and names
// never appear, which licences are linked, and that the README shows what the demo prints.
//
// It has no code of its own and nothing may import it.
package docs
