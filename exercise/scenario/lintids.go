package scenario

import (
	"maps"
	"slices"
	"strconv"

	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
)

// ids: injects and expectations have one set of names, because `of` can mean either.
func (l *linter) ids() {
	seen := map[string]bool{}
	note := func(id, path string) {
		if seen[id] {
			l.fault(DuplicateID, path+".id", "injects and expectations share their names", "%s names two parts of the story", id)
		}
		seen[id] = true
	}
	for i, in := range l.Injects {
		note(in.ID, injectAt(i))
		if _, ok := l.injects[in.ID]; !ok {
			l.injects[in.ID] = i
		}
	}
	for i, e := range l.Expectations {
		note(e.ID, expectAt(i))
		if _, ok := l.expects[e.ID]; !ok {
			l.expects[e.ID] = i
		}
	}
	for i, in := range l.Injects {
		if in.Opens != nil && in.Opens.IncidentOf != "" {
			l.knownInject(in.Opens.IncidentOf, injectAt(i)+".opens.incident_of")
		}
		if in.Does != nil && in.Does.On != "" {
			l.knownThread(in.Does.On, injectAt(i)+".does.on")
		}
		if in.When != nil {
			l.knownIn(*in.When, injectAt(i)+".when")
		}
	}
	for i, e := range l.Expectations {
		l.knownAnchor(e.Of, expectAt(i)+".of")
	}
}

func (l *linter) knownInject(id, path string) {
	if _, ok := l.injects[id]; !ok {
		l.fault(UnknownID, path, "", "there is no inject %s", id)
	}
}

// knownThread: on what an inject tells to do, some inject has begun a thread.
func (l *linter) knownThread(id, path string) {
	l.knownInject(id, path)
	if i, ok := l.injects[id]; ok && len(l.Injects[i].began()) == 0 {
		l.fault(UnknownID, path, "name an inject that opens an inquiry or has a notice sent", "%s begins no thread", id)
	}
}

func (l *linter) knownExpect(id, path string) {
	if _, ok := l.expects[id]; !ok && id != "" {
		l.fault(UnknownID, path, "", "there is no expectation %s", id)
	}
}

func (l *linter) knownIn(t Trigger, path string) {
	l.knownExpect(t.Met, path+".met")
	l.knownExpect(t.Missed, path+".missed")
	if t.Event != nil {
		l.seat(t.Event.From, path+".from")
		l.seat(t.Event.To, path+".to")
		l.sameTrack(t.Event.From, t.Event.To, path)
	}
	for i, sub := range t.All {
		l.knownIn(sub, tomlkey.Index(path+".all", i))
	}
	for i, sub := range t.Any {
		l.knownIn(sub, tomlkey.Index(path+".any", i))
	}
	if t.Not != nil {
		l.knownIn(*t.Not, path+".not")
	}
}

func (l *linter) knownAnchor(of, path string) {
	id, sent := splitOf(of)
	in, isInject := l.injects[id]
	_, isExpect := l.expects[id]
	switch {
	case of == "" || isExpect && !sent:
	case !isInject:
		l.fault(UnknownID, path, "name an inject, or an expectation without .sent", "there is no %s to count from", quoted(of))
	case sent && len(l.Injects[in].began()) == 0:
		l.fault(UnknownID, path, "give the inject an opens, or count from the inject itself", "%s begins no thread, so that no message comes of it", id)
	}
}

// seats: who is named has a seat, and who has it is a person or a profile that is there.
func (l *linter) seats() {
	used, people := map[string]bool{}, false
	for _, p := range l.Participants {
		for _, t := range []ident.Track{ident.Diplomatic, ident.Technical} {
			who, ok := p.Seats[t]
			if !ok {
				continue
			}
			people = people || who == Human
			used[who] = true
			if _, known := l.Profiles[who]; who != Human && !known {
				l.fault(MissingProfile, "participants."+p.State.String()+".seats."+t.String(), "write "+Human+", or a profile of this file", "there is no profile %s", who)
			}
		}
	}
	l.profilesUsed(used, people)
	for i, in := range l.Injects {
		for j, to := range in.To {
			l.seat(to, tomlkey.Index(injectAt(i)+".to", j))
		}
		l.opened(in, injectAt(i)+".opens")
		l.toldIn(in, injectAt(i)+".does")
	}
	for i, e := range l.Expectations {
		at := expectAt(i)
		l.seat(e.Who, at+".who")
		l.seat(e.To, at+".to")
		l.seat(e.Pair[0], at+".pair[0]")
		l.seat(e.Pair[1], at+".pair[1]")
		l.sameTrack(e.Who, e.To, at+".to")
		l.sameTrack(e.Pair[0], e.Pair[1], at+".pair")
	}
}

func (l *linter) profilesUsed(used map[string]bool, people bool) {
	var standIns []string
	for _, name := range slices.Sorted(maps.Keys(l.Profiles)) {
		p := l.Profiles[name]
		if p.StandIn {
			standIns = append(standIns, name)
		} else if !used[name] {
			l.warn(Unused, "profiles."+name, "", "no seat has the profile %s", name)
		}
	}
	switch {
	case len(standIns) > 1:
		l.fault(StandIn, "profiles."+standIns[1]+".stand_in", "keep one", "%s profiles play human seats, and only one can", strconv.Itoa(len(standIns)))
	case people && len(standIns) == 0:
		l.warn(StandIn, "participants", "give one profile stand_in = true", "nobody plays the human seats in a dry run or rehearsal")
	}
}

func (l *linter) opened(in Inject, path string) {
	if in.Opens == nil {
		return
	}
	l.seat(in.Opens.From, path+".from")
	l.seat(in.Opens.To, path+".to")
	if from := in.Opens.From; !from.IsZero() {
		l.sameTrack(from, in.Opens.To, path)
		if !slices.Contains(in.To, from) {
			l.fault(Unreachable, path+".from", "add it to the inject's to", "%s does not get this inject", from)
		}
		return
	}
	for _, to := range in.To {
		l.sameTrack(to, in.Opens.To, path)
	}
}

// toldIn: who is told to do something has a part in the thread on which it is done.
func (l *linter) toldIn(in Inject, path string) {
	if in.Does == nil {
		return
	}
	l.seat(in.Does.To, path+".to")
	i, known := l.injects[in.Does.On]
	for _, who := range in.To {
		l.sameTrack(who, in.Does.To, path+".to")
		apart := !slices.ContainsFunc(in.Does.Acts, func(a Act) bool { return a.needsThread() && len(l.toldTowards(in, who, a)) > 0 })
		if known && apart && len(l.Injects[i].began()) > 0 {
			l.fault(Unreachable, path+".on", "name an inject that it, or whoever it answers, writes upon", "%s has no part in what %s begins", who, in.Does.On)
		}
	}
}

// seat: the zero address is nobody in particular.
func (l *linter) seat(a ident.Address, path string) {
	if !a.IsZero() && l.filled(a) == "" {
		l.fault(MissingSeat, path, "add it to the seats of "+a.State.String(), "no participant has the seat %s", a)
	}
}

// filled is who has a seat; empty: nobody.
func (l *linter) filled(a ident.Address) string {
	for _, p := range l.Participants {
		if p.State == a.State {
			return p.Seats[a.Track]
		}
	}
	return ""
}

// sameTrack: a POC writes to another State, and only on its own track. A-9 s2
func (l *linter) sameTrack(from, to ident.Address, path string) {
	if from.IsZero() || to.IsZero() {
		return
	}
	if from.Track != to.Track {
		l.fault(CrossTracks, path, "choose two seats of one track; from one to the other there is a referral", "%s cannot write to %s", from, to)
	} else if from.State == to.State {
		l.fault(CrossTracks, path, "choose another State", "%s would write to itself", from)
	}
}
