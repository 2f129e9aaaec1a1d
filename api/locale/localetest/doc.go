// Package localetest makes pseudo-locales for tests: catalogs in which every English text is written
// with accents, two fifths longer and in brackets. What a test then shows without brackets did not come
// out of a catalog, and what is cut would be cut in a real language. Made for a language that is written
// from right to left, it is the forced right-to-left run of the same texts.
//
// It must never be used outside of tests, and has nothing on disk.
package localetest
