package main

import (
	"context"
	"fmt"
	"strings"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
)

const (
	alder ident.State = "XA"
	birch ident.State = "XB"
)

// demo plays the two procedures between two invented States. The officers use the commands of
// this very program, through its own front door.
type demo struct {
	p      *program
	lab    *lab.Lab
	parts  []*part
	thread string
	step   int
	// seen is what the relay held while the inquiry lay there.
	seen []relaySight
}

func newDemo(p *program, l *lab.Lab) *demo { return &demo{p: p, lab: l} }

const demoInquiry = `title = "Scans of energy operators from an address in Birch"
narrative = """
Since 04:10 UTC our energy operators see scans from 192.0.2.10. Two control systems
answered and were taken off the network. Reported activity from an address in Birch.
"""
questions = ["Is 192.0.2.10 known to you?", "Who operates it?"]
request_type = "information"
time_sensitivity = "priority"
reference = "ALD-0117"
[originator]
name = "N. Oduya"
affiliation = "National CERT of Alder"
phone = "+999 000 0002"
[incident]
nature = "intrusions"
detected = "2031-05-04T04:10:00Z"
started = { unknown = true }
affected_sectors = ["energy"]
confidence = "medium"
[[preferred_channel]]
kind = "phone"
address = "+999 000 0002"
[nominated_agency]
name = "National CERT of Alder"
contact = "cert@alder.example"
`

const demoHolding = `text = "We will look into it and follow up."
`

const demoAgency = `[nominated_agency]
name = "National CERT of Birch"
contact = "cert@birch.example"
`

const demoAnswer = `outcome = "full"
narrative = "The address belongs to a hosting company. The machine was taken over by others and is off the network since 11:20 UTC."
[[answer]]
question = 1
text = "Yes, since this morning."
[[answer]]
question = 2
text = "A hosting company; it cooperates."
`

// play is the story from top to bottom.
func (d *demo) play(ctx context.Context) error {
	d.banner()
	for _, act := range []func(context.Context) error{
		d.askWhileOff, d.arrive, d.acknowledge, d.hold, d.agree, d.answer, d.close, d.verify, d.sideBySide,
	} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) banner() {
	d.box(
		"DEMONSTRATION OF AN EXERCISE REALM",
		"Invented States, one machine, nothing leaves 127.0.0.1.",
		"Not the United Nations, not endorsed by it, not for real traffic.",
	)
	d.say("realm  %s", d.lab.Realm)
	d.say("folder %s", d.lab.Dir)
}

// askWhileOff: the Procedure for inquiry, I-1 to I-4, while nobody is there to hear it.
func (d *demo) askWhileOff(ctx context.Context) error {
	d.title(`XA "Alder" asks while the node of XB "Birch" is off  (I-1, I-2, I-3, I-4)`)
	if err := d.startRelay(ctx); err != nil {
		return err
	}
	if err := d.startNode(ctx, alder); err != nil {
		return err
	}
	sent, err := d.officer(ctx, alder, demoInquiry, "inquiry", "send", "--to", "XB/technical", "--file", "-", "--yes",
		"--request-id", "demo-inquiry", "--wait", "left", "--timeout", "30s")
	if err != nil {
		return err
	}
	d.thread = sent.text("thread")
	if err := d.showFacts(ctx); err != nil {
		return err
	}
	d.seen, err = d.lookIntoRelay(ctx)
	return err
}

// arrive: the receipt is signed by Birch's node once the inquiry is in its record.
func (d *demo) arrive(ctx context.Context) error {
	d.title(`XB "Birch" starts its node: the receipt comes back by itself`)
	if err := d.startNode(ctx, birch); err != nil {
		return err
	}
	if _, err := d.officer(ctx, alder, demoInquiry, "inquiry", "send", "--to", "XB/technical", "--file", "-", "--yes",
		"--request-id", "demo-inquiry", "--wait", "receipt", "--timeout", "60s"); err != nil {
		return err
	}
	d.say("   the same request id again: nothing is sent twice, the officer only waits for the receipt")
	if err := d.showFacts(ctx); err != nil {
		return err
	}
	list, err := d.officer(ctx, birch, "", "inquiry", "list")
	if err != nil {
		return err
	}
	for _, t := range list.list("threads") {
		d.say("      in from %s: %s  (%s)", t.text("peer"), t.text("title"), t.text("state"))
	}
	return nil
}

// acknowledge: a person's act, kept apart from the machine's receipt. A-10 s4
func (d *demo) acknowledge(ctx context.Context) error {
	d.title("Birch's officer acknowledges: a person has it; no agreement is implied  (A-10)")
	if _, err := d.reply(ctx, birch, "", "acknowledge"); err != nil {
		return err
	}
	return d.showFacts(ctx)
}

// hold: R-2, "we will look into it", with an estimated timeframe as appropriate.
func (d *demo) hold(ctx context.Context) error {
	d.title("Birch will look into it and gives an estimate  (R-2)")
	_, err := d.reply(ctx, birch, demoHolding, "hold", "--estimate", "PT6H", "--file", "-", "--yes")
	return err
}

// agree: R-3, channel and agency, each side its own.
func (d *demo) agree(ctx context.Context) error {
	d.title("A channel is agreed, and Birch nominates its agency  (R-3)")
	if _, err := d.reply(ctx, birch, "", "channel", "accept", "--yes"); err != nil {
		return err
	}
	if _, err := d.reply(ctx, birch, demoAgency, "agency", "--file", "-", "--yes"); err != nil {
		return err
	}
	for _, s := range d.lab.States {
		view, err := d.show(ctx, s)
		if err != nil {
			return err
		}
		d.say("      %s sees: channel %q, our agency %q, their agency %q", s, view.text("agreed_channel"), view.text("our_agency"), view.text("their_agency"))
	}
	return nil
}

// answer: R-1, now that it is possible.
func (d *demo) answer(ctx context.Context) error {
	d.title("Birch answers; Alder acknowledges the answer  (R-1)")
	if _, err := d.reply(ctx, birch, demoAnswer, "answer", "--file", "-", "--yes"); err != nil {
		return err
	}
	_, err := d.reply(ctx, alder, "", "acknowledge")
	return err
}

func (d *demo) close(ctx context.Context) error {
	d.title("Both close their own side")
	for _, s := range d.lab.States {
		if _, err := d.reply(ctx, s, "", "close", "--yes"); err != nil {
			return err
		}
	}
	for _, s := range d.lab.States {
		view, err := d.show(ctx, s)
		if err != nil {
			return err
		}
		d.say("      %s sees: %s, %d messages", s, view.text("state"), len(view.list("messages")))
	}
	return nil
}

// verify: every item, signature and the tree, at both ends. P5
func (d *demo) verify(ctx context.Context) error {
	d.title("Both records verify")
	for _, s := range d.lab.States {
		report, err := d.officer(ctx, s, "", "record", "verify")
		if err != nil {
			return err
		}
		d.say("      %s: %s items, root %.16s…", s, report.text("items"), report.text("root"))
	}
	return nil
}

func (d *demo) title(text string) {
	d.step++
	d.say("")
	d.say("%d. %s", d.step, text)
}

func (d *demo) box(lines ...string) {
	width := 0
	for _, l := range lines {
		width = max(width, len([]rune(l)))
	}
	d.say("┌%s┐", strings.Repeat("─", width+2))
	for _, l := range lines {
		d.say("│ %s%s │", l, strings.Repeat(" ", width-len([]rune(l))))
	}
	d.say("└%s┘", strings.Repeat("─", width+2))
}

// showFacts prints the four dated facts of Alder's inquiry, never merged. docs/protocol.md §7.4
func (d *demo) showFacts(ctx context.Context) error {
	view, err := d.show(ctx, alder)
	if err != nil {
		return err
	}
	facts := view.list("messages")[0].object("facts")
	words := []string{}
	for _, f := range []struct{ key, words string }{
		{"waiting", "waiting"}, {"left", "left our node"}, {"reached", "reached Birch's node"}, {"acknowledged", "acknowledged by Birch"},
	} {
		if at := facts.text(f.key); at != "" {
			words = append(words, fmt.Sprintf("%s %s", f.words, clockOf(at)))
		}
	}
	d.say("      %s", strings.Join(words, " · "))
	return nil
}
