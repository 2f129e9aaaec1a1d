package history

// take steps over one event. What must hold at that moment is checked at that moment.
func (j *judge) take(e *Event) {
	switch e.Event {
	case Begin:
		j.begin = *e
	case Invoke:
		j.invoke(e)
	case OK, Fail, Unknown:
		j.answer(e)
	case Withdrawn:
		d := j.disk(e.Node)
		d.withdrawn[e.Message] = true
	case Recorded:
		j.recorded(e)
	case Receipt:
		j.receipt(e)
	case Cleared:
		j.clear(e)
	case Removed:
		j.removed(e)
	case Saved:
		j.copies[both(e.Node, e.Copy)] = j.disk(e.Node).clone()
	case WentBack:
		j.wentBack(e)
	case Head:
		j.head(e)
	case Converged:
		j.converged = true
	case Waiting:
		j.waits(e)
	case Shown:
		key := both(e.Node, e.Thread)
		if len(j.shown[key]) == 0 {
			j.threads = append(j.threads, key)
		}
		j.shown[key] = append(j.shown[key], shown{j.line, e})
	case Verified:
		j.verified[e.Node] = true
		j.hold(RuleVerify, e.Good, j.line, "the record of %s does not verify: %s", e.Node, e.Detail)
		if e.Root != "" {
			j.head(e)
		}
	}
}

func (j *judge) invoke(e *Event) {
	key := both(e.Node, e.Request)
	r := j.requests[key]
	if r == nil {
		r = &request{node: e.Node, id: e.Request, line: j.line, to: e.To, thread: e.Thread, held: e.Held, distinct: map[string]bool{}}
		j.requests[key] = r
		j.asked = append(j.asked, r)
	}
}

func (j *judge) answer(e *Event) {
	r := j.requests[both(e.Node, e.Request)]
	if r == nil {
		j.found(RuleOnce, j.line, "%s answered a request that nobody made", e.Node)
		return
	}
	switch e.Event {
	case Fail:
		r.failed = true
	case OK:
		r.answered = true
		if r.okLine == 0 {
			r.okLine = j.line
		}
		r.distinct[e.Message] = true
		j.disk(e.Node).promised[e.Message] = true
		if j.messages[e.Message] == nil {
			m := &message{id: e.Message, node: e.Node, request: r}
			j.messages[e.Message] = m
			j.ordered = append(j.ordered, m)
		}
	default:
		r.answered = true
	}
}

// receipt must name only what its signer has recorded: before it left where the history is live,
// in the end where it is not.
func (j *judge) receipt(e *Event) {
	for _, digest := range e.Digests {
		j.receipts[both(e.Node, digest)] = true
		if j.begin.Live {
			j.hold(RuleReceipt, j.disk(e.Node).holds[digest] > 0, j.line, "%s signed for %s and has not recorded it", e.Node, short(digest))
		}
	}
}

// clear: only a receipt clears. A disk that went back to before a message was withdrawn knows its
// number and not the Void that the peer signed for there; in the end it must know better.
func (j *judge) clear(e *Event) {
	c := clearing{j.line, e.Node, e.To, e.Message, e.Digest}
	signed := j.receipts[both(e.To, e.Digest)]
	switch {
	case !j.begin.Receipts:
		j.cleared = append(j.cleared, c)
	case !signed && j.wentBackOnce && e.Message != "":
		j.mistaken = append(j.mistaken, c)
	default:
		j.holdCleared(c, signed)
	}
}

func (j *judge) holdCleared(c clearing, holds bool) {
	j.hold(RuleCleared, holds, c.line, "%s counts %s as received, and %s never signed for it", c.node, short(c.digest), c.to)
}

func (j *judge) waits(e *Event) {
	j.waiting[both(e.Node, e.Message)] = true
	if j.converged {
		j.found(RuleIdle, j.line, "all has healed and %s still waits at %s: %s", short(e.Message), e.Node, e.Detail)
	}
}

// short is enough of an id for people to find it.
func short(id string) string { return id[:min(len(id), 12)] }
