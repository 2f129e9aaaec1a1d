package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
)

// errStopped ends a walk; what was typed so far is kept beside the entry.
var errStopped = errors.New("stopped")

// Answers that are no value.
const (
	leaveOut  = "-"
	explainIt = "?"
	stopHere  = "!"
)

// entryWalk asks for the facts of an entry, one after the other. It reads a line at a time and shows
// everything on the terminal, never on stdout.
type entryWalk struct {
	in    *bufio.Reader
	out   io.Writer
	facts directory.EntryFacts
	// keep makes what was typed so far last, so that a walk that ends early loses nothing.
	keep func(directory.EntryFacts) error
	now  time.Time
}

const longestAnswer = 8 << 10

func newEntryWalk(in io.Reader, out io.Writer, facts directory.EntryFacts, now time.Time, keep func(directory.EntryFacts) error) *entryWalk {
	return &entryWalk{in: bufio.NewReaderSize(in, longestAnswer), out: out, facts: facts, keep: keep, now: now}
}

func (w *entryWalk) say(format string, args ...any) { fmt.Fprintf(w.out, format+"\n", args...) }

// run asks until the facts can be signed and the person says yes. errStopped says that they did not.
func (w *entryWalk) run(ctx context.Context) error {
	w.say("What the State says of itself in the directory; other States see all of it.\n" +
		"Never write anything about an incident here (A-7b). Any fact may be left out (A-10b).\n" +
		"Enter keeps what is there, - leaves it out, ? explains, ! stops; what you typed is kept then.")
	for {
		if err := w.once(ctx); err != nil {
			return err
		}
		if err := directory.CheckFacts(w.facts); err != nil {
			w.say("\nthis cannot be signed: %s\nonce more from the beginning; Enter keeps what is right", clean(whatIsWrong(err)))
			continue
		}
		if err := w.show(); err != nil {
			return err
		}
		answer, err := w.answer(ctx, "Make it the entry? Type yes, again or stop: ")
		switch {
		case err != nil:
			return err
		case answer == "yes":
			return nil
		case answer != "again":
			return errStopped
		}
	}
}

func (w *entryWalk) once(ctx context.Context) error {
	w.say("\n%s", w.facts.State)
	for _, f := range stateFields {
		if err := w.ask(ctx, f); err != nil {
			return err
		}
	}
	for _, track := range tracksOf(w.facts.State) {
		if err := w.desk(ctx, track); err != nil {
			return err
		}
	}
	return w.others(ctx)
}

func tracksOf(state string) []ident.Track {
	if ident.State(state).IsPrincipal() {
		return []ident.Track{ident.Manager}
	}
	return []ident.Track{ident.Diplomatic, ident.Technical}
}

// desk asks whether there is a point of contact on a track that messages reach, and for its facts.
func (w *entryWalk) desk(ctx context.Context, track ident.Track) error {
	at := func(p directory.PointFacts) bool { return p.Track == track.String() && !p.Further }
	if !slices.ContainsFunc(w.facts.Points, at) {
		w.say("\nThere is no %s point of contact (A-7a-i: both, where possible).", track)
		answer, err := w.answer(ctx, "Enter leaves it so, + adds one: ")
		if err != nil || answer != "+" {
			return err
		}
		w.facts.Points = append(w.facts.Points, directory.PointFacts{Track: track.String()})
	}
	return w.point(ctx, slices.IndexFunc(w.facts.Points, at))
}

// others asks for those whom no message reaches. A-7a-i, B-1b
func (w *entryWalk) others(ctx context.Context) error {
	for n := 0; n < len(w.facts.Points); n++ {
		if !w.facts.Points[n].Further {
			continue
		}
		before := len(w.facts.Points)
		if err := w.point(ctx, n); err != nil {
			return err
		}
		n -= before - len(w.facts.Points)
	}
	for {
		w.say("\nFurther points of contact are reached by telephone and email; no message reaches them (A-7a-i, B-1b).")
		answer, err := w.answer(ctx, "Enter adds none, the name of a track ("+trackNames(w.facts.State)+") adds one: ")
		if err != nil || answer == "" {
			return err
		}
		if !slices.ContainsFunc(tracksOf(w.facts.State), func(t ident.Track) bool { return t.String() == answer }) {
			w.say("  no such track")
			continue
		}
		w.facts.Points = append(w.facts.Points, directory.PointFacts{Track: answer, Further: true})
		if err := w.point(ctx, len(w.facts.Points)-1); err != nil {
			return err
		}
	}
}

func trackNames(state string) string {
	var names []string
	for _, t := range tracksOf(state) {
		names = append(names, t.String())
	}
	return strings.Join(names, ", ")
}

// point walks through one point of contact, or leaves it out as a whole.
func (w *entryWalk) point(ctx context.Context, n int) error {
	p := w.facts.Points[n]
	word := "point of contact"
	if p.Further {
		word = "further point of contact"
	}
	w.say("\nThe %s %s", p.Track, word)
	answer, err := w.answer(ctx, "Enter goes through it, - leaves it out as a whole: ")
	if err != nil {
		return err
	}
	if answer == leaveOut {
		w.facts.Points = slices.Delete(w.facts.Points, n, n+1)
		return w.keep(w.facts)
	}
	for _, f := range pointFields(n) {
		if err := w.ask(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// ask puts one question until it has an answer that can be signed.
func (w *entryWalk) ask(ctx context.Context, f entryField) error {
	for {
		w.say("\n  %s (%s)", f.title, f.source)
		for _, v := range f.get(&w.facts) {
			w.say("    now: %s", clean(v))
		}
		values, stopped := w.values(ctx, f)
		if values == nil {
			return stopped
		}
		err := w.check(f, values)
		if err == nil {
			if err = f.set(&w.facts, values); err == nil {
				err = w.keep(w.facts)
			}
			return errors.Join(err, stopped)
		}
		if stopped != nil {
			return stopped
		}
		w.say("  %s", clean(whatIsWrong(err)))
	}
}

// values reads what takes the place of a fact: nil keeps it, an empty list leaves it out. What was typed
// of a list before an error comes with it.
func (w *entryWalk) values(ctx context.Context, f entryField) ([]string, error) {
	for {
		answer, err := w.answer(ctx, "  > ")
		switch {
		case err != nil || answer == "":
			return nil, err
		case answer == leaveOut:
			return []string{}, nil
		case answer == explainIt:
			w.say("  %s", f.help)
			continue
		}
		values := []string{answer}
		for f.several && err == nil {
			if answer, err = w.answer(ctx, "  one more, or Enter > "); answer == "" {
				break
			}
			values = append(values, answer)
		}
		return values, err
	}
}

// check holds one fact against the rules alone: what else is wrong is told where it is asked for.
func (w *entryWalk) check(f entryField, values []string) error {
	alone := directory.EntryFacts{State: w.facts.State}
	for _, p := range w.facts.Points {
		alone.Points = append(alone.Points, directory.PointFacts{Track: p.Track, Further: p.Further, TimeZone: p.TimeZone})
	}
	if err := f.set(&alone, values); err != nil {
		return err
	}
	return directory.CheckFacts(alone)
}

// whatIsWrong leaves out which file it is about: nobody at the terminal has it open.
func whatIsWrong(err error) string {
	if r, ok := errors.AsType[*directory.Refusal](err); ok {
		return r.Err.Error()
	}
	return err.Error()
}

// show is what the directory will say, and what others would miss in it.
func (w *entryWalk) show() error {
	listing, err := directory.Preview(w.facts, w.now)
	if err != nil {
		return err
	}
	w.say("\nThe directory will say:\n%s", strings.Join(entryLines(inEnglish(), listing), "\n"))
	for _, line := range directory.Advise(w.facts, w.now) {
		w.say("think about it: %s", line)
	}
	return nil
}

// answer reads one line. The end of the input and a signal stop the walk.
func (w *entryWalk) answer(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(w.out, prompt)
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := w.in.ReadSlice('\n')
		read <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", errStopped
	case l := <-read:
		text := strings.TrimSpace(string(l.text))
		switch {
		case errors.Is(l.err, io.EOF) && text == "", text == stopHere:
			return "", errStopped
		case errors.Is(l.err, bufio.ErrBufferFull):
			return "", usage("an answer is longer than 8 KiB")
		case l.err != nil && !errors.Is(l.err, io.EOF):
			return "", l.err
		}
		return text, nil
	}
}
