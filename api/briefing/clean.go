package briefing

import "valise.example/api/draft"

// clean is what the page may show of a text that somebody else wrote.
func clean(s string) string { return draft.Shown(s) }
