package gateway

import (
	"context"
	"slices"
	"strings"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// How communication checks may be asked. A-8 s2
const (
	checkWithin   = 48 * time.Hour
	shortestCheck = time.Hour
	longestCheck  = 30 * 24 * time.Hour
	maxChecked    = 512
	maxDetail     = 300
)

// StartCheck asks one or several POCs whether their entry is right: a thread for each, all of them or
// none, one campaign of ours. It is durable when it returns, and done once for each request id; nothing
// else ever begins one. The error is an *Error: those of Inquire, and BAD_REQUEST where nobody is asked,
// somebody is named twice, or the time is too short or too long. A-8, B-1c-i
func (g *Gateway) StartCheck(ctx context.Context, a Actor, r *valisev1.StartCheckRequest) (*valisev1.StartCheckResponse, error) {
	const op = "start check"
	role, err := a.as(mayRelease)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	c := campaign{request: r, actor: a, role: roleName(role)}
	if c.to, err = g.checked(a, r); err != nil {
		return nil, asError(op, err, 0)
	}
	c.messages = make([]outgoing, len(c.to))
	if err := g.fill(c.id[:]); err != nil {
		return nil, asError(op, err, 0)
	}
	for i := range c.messages {
		if err := g.newIDs(&c.messages[i].id, &c.messages[i].thread); err != nil {
			return nil, asError(op, err, 0)
		}
	}
	out := new(valisev1.StartCheckResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.onceWithRoom(req, out, func() error { return w.startCheck(c, out) })
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// campaign is what is asked together.
type campaign struct {
	id       ident.ThreadID
	request  *valisev1.StartCheckRequest
	actor    Actor
	role     string
	to       []string
	messages []outgoing
}

// checked are whom a request names, in order of addresses, each once. A-8
func (g *Gateway) checked(a Actor, r *valisev1.StartCheckRequest) ([]string, error) {
	to := slices.Clone(r.GetTo())
	within := time.Duration(r.GetWithinSeconds()) * time.Second
	switch {
	case r.GetAll() && len(to) > 0:
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "either all are asked, or those that are named")
	case r.GetWithinSeconds() > uint64(longestCheck/time.Second), within > 0 && within < shortestCheck:
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "an answer is asked for within 1 hour to 30 days")
	case len(r.GetDetail()) > maxDetail:
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "the contact detail has at most %d bytes", maxDetail)
	case r.GetAll():
		to = g.everyPOC(a)
	}
	slices.Sort(to)
	switch {
	case len(to) == 0:
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "nobody is asked")
	case len(to) > maxChecked:
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "one campaign asks at most %d points of contact", maxChecked)
	case len(slices.Compact(slices.Clone(to))) != len(to):
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "one point of contact is named twice")
	}
	return to, nil
}

// everyPOC is whom our side may ask: a manager every POC of a State, a State those on its tracks. A-8, B-1c-i
func (g *Gateway) everyPOC(a Actor) (out []string) {
	dir := g.cfg.Directory()
	for _, state := range dir.States() {
		if state.IsPrincipal() || state == g.cfg.Ours[0].State {
			continue
		}
		for _, track := range []ident.Track{ident.Diplomatic, ident.Technical} {
			peer := ident.Address{State: state, Track: track}
			ours, speaks := g.cfg.checksFrom(peer)
			if _, err := dir.Lookup(peer); err == nil && speaks && a.on(ours.Track) {
				out = append(out, peer.String())
			}
		}
	}
	return out
}

// checksFrom is the POC of ours that asks a peer: a manager's only one, or the one on its track. A-9 s2
func (c Config) checksFrom(peer ident.Address) (ident.Address, bool) {
	for _, ours := range c.Ours {
		if c.speaksWith(ours, peer) {
			return ours, true
		}
	}
	return ident.Address{}, false
}

func (w *work) startCheck(c campaign, out *valisev1.StartCheckResponse) error {
	within := time.Duration(c.request.GetWithinSeconds()) * time.Second
	if within == 0 {
		within = checkWithin
	}
	fact := &valisev1.CheckFact{
		Campaign: c.id[:], Act: valisev1.CheckAct_CHECK_ACT_STARTED, Deadline: protoTime(w.now.Add(within)),
		Detail: c.request.GetDetail(), All: c.request.GetAll(),
	}
	for i := range c.messages {
		fact.Threads = append(fact.Threads, c.messages[i].thread[:])
	}
	item, err := w.append(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_CHECK, Officer: c.actor.Name, Role: c.role, Check: fact})
	if err != nil {
		return err
	}
	if err := w.indexCampaign(c.id, item); err != nil {
		return err
	}
	for i, m := range c.messages {
		sent, err := w.ask(c, m, c.to[i], fact, item)
		if err != nil {
			return ofRecipient(i, err)
		}
		out.Sent = append(out.Sent, sent)
	}
	out.Campaign, out.Deadline = c.id.String(), fact.GetDeadline()
	return nil
}

// ask sends one Ping in a thread of its own. A-8 s1
func (w *work) ask(c campaign, m outgoing, to string, fact *valisev1.CheckFact, item uint64) (*valisev1.Sent, error) {
	var err error
	if m.pair, err = w.checkPair(c.actor, to); err != nil {
		return nil, err
	}
	m.actor, m.role = c.actor, c.role
	m.payload = &valisev1.Ping{Deadline: fact.GetDeadline(), Detail: fact.GetDetail(), EntryNumber: w.entryNumber(m.pair.Peer.State)}
	if err := w.tx.PutRow(tableChecked, []byte(to), item, m.thread[:]); err != nil {
		return nil, err
	}
	sent := new(valisev1.Sent)
	_, err = w.openThread(m, &valisev1.Thread{Check: &valisev1.ThreadCheck{Campaign: c.id[:]}}, sent)
	return sent, err
}

// checkPair finds who asks whom. s2
func (w *work) checkPair(a Actor, to string) (Pair, error) {
	peer, err := ident.ParseAddress(to)
	if err != nil {
		return Pair{}, &Error{Reason: valisev1.Reason_REASON_BAD_REQUEST, Err: err, Detail: "whom to ask is no address such as XB/technical"}
	}
	ours, speaks := w.g.cfg.checksFrom(peer)
	switch {
	case peer.State == w.g.cfg.Ours[0].State:
		return Pair{}, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a State does not check itself; coordinate at home")
	case peer.State.IsPrincipal():
		return Pair{}, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a communication check asks the point of contact of a State, and a principal is none")
	case !speaks:
		return Pair{}, wrongTrack()
	}
	if err := a.speaksOn(ours.Track); err != nil {
		return Pair{}, err
	}
	p := Pair{Ours: ours, Peer: peer}
	return p, w.reachable(p)
}

// entryNumber is the number of a State's entry in force; 0 where there is none.
func (w *work) entryNumber(s ident.State) uint64 {
	entry, ok := w.dir.Entry(s)
	if !ok {
		return 0
	}
	return entry.GetNumber()
}

// indexCampaign lets a campaign be found, in order and by its id.
func (w *work) indexCampaign(id ident.ThreadID, item uint64) error {
	if err := w.tx.PutRow(tableChecks, nil, item, id[:]); err != nil {
		return err
	}
	if err := w.saveNumber(tableCampaign, id[:], item); err != nil {
		return err
	}
	return w.addPrefix(prefixCampaign, named{id: id})
}

// findCampaign finds a campaign by its id or a unique beginning of it.
func (w *work) findCampaign(s string) (item *valisev1.Item, err error) {
	list, err := w.find(prefixCampaign, s, func(named) (bool, error) { return true, nil })
	if err != nil {
		return nil, err
	}
	n, err := one(list, "campaign of communication checks")
	if err != nil {
		return nil, err
	}
	at, err := w.loadNumber(tableCampaign, n.id[:])
	if err != nil {
		return nil, err
	}
	return w.tx.Item(at)
}

// addMonths goes on by calendar months: the last day of a month where the day is missing in it. A-8 s1
func addMonths(t time.Time, months int) time.Time {
	t = t.UTC()
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC).AddDate(0, months, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// registeredDetail reports whether a contact detail is one that the entry in force names: a
// telephone number without its blanks, an email address in any case. A-7a-iii
func registeredDetail(poc *valisev1.PointOfContact, detail string) bool {
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", "\t", "").Replace(s))
	}
	same := func(s string) bool { return plain(s) == plain(detail) }
	return slices.ContainsFunc(poc.GetTelephones(), same) || slices.ContainsFunc(poc.GetEmails(), same)
}
