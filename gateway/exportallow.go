package gateway

import (
	"cmp"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// mostTold bounds how many messages a refusal names.
const mostTold = 8

// allow refuses an export for a third party unless label and ledger let every message of it go. Of the
// two the stricter holds. A-11 s2
func (x *export) allow(w *work) error {
	x.consents = nil
	if !x.toThird() {
		return nil
	}
	messages, err := x.shown(w)
	if err != nil {
		return err
	}
	var red, missing refused
	for _, m := range messages {
		label, err := w.labelAt(m)
		if err != nil {
			return err
		}
		if label > valisev1.Tlp_TLP_AMBER_STRICT {
			red.add(m, "")
			continue
		}
		l, why, err := w.consentTo(m, x.request.GetThirdParty())
		if err != nil {
			return err
		}
		if l == nil {
			missing.add(m, why)
			continue
		}
		x.note(l)
	}
	if red.n > 0 {
		return refuse(valisev1.Reason_REASON_HANDLING, "TLP:RED goes to no third party, whatever was consented to: %s", red.list())
	}
	if missing.n > 0 {
		return refuse(valisev1.Reason_REASON_NO_CONSENT, "the other State has not consented that these go to this third party: %s", missing.list())
	}
	return nil
}

// shown are the messages of which an export tells: those in it, and those whose headers lead from
// one of them to the mark of its receipt.
func (x *export) shown(w *work) ([]exported, error) {
	if !x.form(valisev1.ExportForm_EXPORT_FORM_PROOF) || !x.request.GetLinks() {
		return x.messages, nil
	}
	all, known := append([]exported{}, x.messages...), map[uint64]bool{}
	for _, m := range x.messages {
		known[m.item] = true
	}
	for _, m := range x.messages {
		item, err := w.tx.Item(m.item)
		if err != nil {
			return nil, err
		}
		links, err := w.linksFrom(item)
		if err != nil {
			return nil, err
		}
		for _, l := range links {
			if isExchanged(l.item) && !known[l.item.GetNumber()] {
				known[l.item.GetNumber()] = true
				all = append(all, exported{item: l.item.GetNumber(), thread: l.header.Thread, d: l.digest, id: l.header.MessageID})
			}
		}
	}
	return all, nil
}

// note keeps what allows it, each once.
func (x *export) note(l *ledgerLine) {
	for _, known := range x.consents {
		if known.request.d == l.request.d {
			return
		}
	}
	x.consents = append(x.consents, l)
}

// labelAt is the strictest label of a message and of its attachments. A label that this version does
// not know is stricter than all that it does. A-11 s2
func (w *work) labelAt(m exported) (valisev1.Tlp, error) {
	item, err := w.tx.Item(m.item)
	if err != nil {
		return 0, err
	}
	_, said, err := readItem(item)
	if err != nil {
		return 0, err
	}
	return labelOf(said), nil
}

func labelOf(said proto.Message) valisev1.Tlp {
	if said == nil {
		return valisev1.Tlp_TLP_RED
	}
	label := readPreamble(said).GetTlp()
	for _, a := range attachmentsOf(said) {
		label = max(label, a.GetTlp())
	}
	if label < 0 {
		return valisev1.Tlp_TLP_RED
	}
	return label
}

// consentTo finds a consent of the other State that one message goes to a third party; where there is
// none, why says what is missing. Only what we asked for counts: a peer's request, granted by us, lets
// the peer pass something on. Names are compared byte for byte. A-11 s2
func (w *work) consentTo(m exported, third string) (l *ledgerLine, why string, err error) {
	back, err := w.lastTakenBack(m)
	if err != nil {
		return nil, "", err
	}
	err = w.tx.Rows(tableConsent, consentGroup(consentAbout, m.d[:]), highest, true, func(n uint64, _ []byte) (bool, error) {
		line, err := w.ledgerLine(n)
		if err != nil || line == nil || !line.request.ours || idOf(line.thread) != m.thread || line.asked.GetThirdParty() != third {
			return true, err
		}
		lacks := whatLacks[line.standing.state]
		if lacks == "" && back > line.standing.decided.item {
			lacks = "its sender took it back after it was granted"
		}
		if lacks == "" {
			l = line
		}
		why = cmp.Or(why, lacks)
		return l == nil, nil
	})
	return l, cmp.Or(why, "none was asked"), err
}

// whatLacks says of the newest request why it is no consent; of one that is granted, nothing.
var whatLacks = map[valisev1.ConsentState]string{
	valisev1.ConsentState_CONSENT_STATE_ASKED:       "asked, not decided",
	valisev1.ConsentState_CONSENT_STATE_NOT_GRANTED: "not granted",
	valisev1.ConsentState_CONSENT_STATE_EXPIRED:     "it has expired",
	valisev1.ConsentState_CONSENT_STATE_WITHDRAWN:   "it was withdrawn",
}

// lastTakenBack is the item in which a message's own sender said last that it was sent in error; 0
// for none. docs/protocol.md §5.2
func (w *work) lastTakenBack(m exported) (last uint64, err error) {
	s, _, err := w.statementAt(m.item)
	if err != nil || s == nil {
		return 0, err
	}
	th, found, err := w.thread(m.thread)
	if err != nil || !found {
		return 0, err
	}
	all, err := w.takenBack(th, *s)
	for _, back := range all {
		last = max(last, back.item)
	}
	return last, err
}

// refused gathers messages that may not go, and says which.
type refused struct {
	n     int
	names []string
}

func (r *refused) add(m exported, why string) {
	r.n++
	if len(r.names) == mostTold {
		return
	}
	if why != "" {
		why = " (" + why + ")"
	}
	r.names = append(r.names, "message "+m.id.String()+why)
}

func (r *refused) list() string {
	text := strings.Join(r.names, ", ")
	if more := r.n - len(r.names); more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}
