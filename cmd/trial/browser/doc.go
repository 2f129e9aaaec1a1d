// Package browser tests the pages of the console in a real browser: `make browser`.
//
// # What it is
//
// Tests and what they need, behind the build tag browser, so that `make test` needs no browser.
// One Chromium without a window serves all tests; each has tabs of its own that share no cookie
// with others. Script is off unless a test asks for it. A tab keeps account of every request and
// of everything that the browser complains of: a request that leaves the host, a breach of the
// content security policy or an error on the console fails the test at its end, wherever it
// happened. Names resolve to 127.0.0.1 or to nothing, so that nothing can leave the machine.
//
// A stage is a lab (package exercise/lab) with a relay and two nodes that run for real.
//
// The harness is tried too: its own tests serve pages with one fault each, and each must be found.
//
// # What it must never do
//
// Be imported, or skip where something is missing: without Chromium, fonts, poppler or axe-core
// it fails and says so. End a process that it did not start.
//
// # What is on disk
//
// Screenshots and printed pages in bin/screenshots, or in the folder that SCREENSHOTS names; the
// pictures of the documentation also in the folder that PICTURES names, seen from the repository's root
// (`PICTURES=docs/desk make browser TESTS=Pictures`). The
// rules of axe-core in node_modules, by `npm ci`. Labs and the browser's profile in temporary
// folders, removed at the end.
package browser
