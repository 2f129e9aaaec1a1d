package node

import "time"

const (
	// spareLooks is how many pieces of news in a row end a longer rest: what follows on a list that is
	// refused may be the one that mends it. Each whole relayedLook gives one back, so that a relay that
	// always has news costs little.
	spareLooks = 5
	// lastEcho is the longest wait for a head that was announced and is not there yet.
	lastEcho = 8 * time.Second
)

// lookout says when the relay is looked at next, relayedRest after the last look at the earliest.
type lookout struct {
	next  time.Duration // until then, unless there is news
	rest  time.Duration // the next one after a refusal; it doubles up to relayedLook
	echo  time.Duration // waiting for what was announced; zero: it is not
	spare int
	bad   bool // what the relay keeps was refused
}

func newLookout() *lookout {
	return &lookout{next: relayedLook, rest: relayedRest, spare: spareLooks}
}

// hears is the news, or nothing where none may end the rest; it waits in its place then.
func (w *lookout) hears(news <-chan struct{}) <-chan struct{} {
	if w.bad && w.spare == 0 {
		return nil
	}
	return news
}

// after a look: whether news led to it, whether the head was another than before, and whether what the
// relay keeps was refused.
func (w *lookout) after(heard, changed, refused bool) {
	rested := w.next
	w.next = relayedLook
	switch {
	case !refused:
		w.rest, w.spare = relayedRest, spareLooks
	case w.bad && heard:
		w.spare--
	case w.bad && rested == relayedLook-relayedRest:
		w.spare = min(w.spare+1, spareLooks)
	}
	if w.bad = refused; refused {
		w.next, w.rest = w.rest-relayedRest, min(2*w.rest, relayedLook)
	}
	w.listen(heard, changed)
}

// listen: a server hands news on before it has stored what they are about, so whoever looks at once may
// see the head of before. Then it is looked again, a few times, further and further apart.
// docs/protocol.md §8.6
func (w *lookout) listen(heard, changed bool) {
	switch {
	case changed:
		w.echo = 0
	case heard:
		w.echo = relayedRest
	case w.echo >= lastEcho:
		w.echo = 0
	default:
		w.echo *= 2
	}
	if w.echo > 0 {
		w.next = min(w.next, w.echo)
	}
}
