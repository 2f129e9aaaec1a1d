package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/report"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// digest is that of the small scenario's file, as its recordings name it.
var digest = strings.Repeat("5c", 32)

func seat(state string, track ident.Track) ident.Address {
	return ident.Address{State: ident.State(state), Track: track}
}

func words(english string) scenario.Texts { return scenario.Texts{"en": english} }

// small is a scenario with everything that a report tells of.
func small() *scenario.Scenario {
	xa, xb, xc := seat("XA", ident.Technical), seat("XB", ident.Technical), seat("XC", ident.Technical)
	xad, xbd := seat("XA", ident.Diplomatic), seat("XB", ident.Diplomatic)
	both := map[ident.Track]string{ident.Technical: scenario.Human, ident.Diplomatic: scenario.Human}
	one := map[ident.Track]string{ident.Technical: "steady"}
	return &scenario.Scenario{
		ID: "small-ward", Title: scenario.Texts{"en": "Small Ward", "ar": "الجناح الصغير", "zh": "小病房"}, Kind: scenario.Functional,
		Clock: scenario.Clock{Start: time.Date(2030, 3, 5, 5, 30, 0, 0, time.UTC), Rate: 1}, Seed: 7, End: 20 * scenario.Hour,
		Objectives: []scenario.Objective{{ID: "O1", Text: words("Acknowledge quickly"), From: "A-10 s3"}, {ID: "O2", Text: words("Keep the tracks apart"), From: "A-9 s2"}, {ID: "O3", Text: words("Keep a calm tone"), From: "A-5d"}},
		Participants: []scenario.Participant{
			{State: "XA", Name: "Alder", Part: words("Its hospitals are hit"), Seats: both}, {State: "XB", Name: "Birch", Part: words("A server is there"), Seats: both},
			{State: "XC", Name: "Cedar", Part: words("Supplies the records"), Seats: one}, {State: "XD", Name: "Dogwood", Part: words("Follows the payment"), Seats: one},
			{State: "XE", Name: "Elm", Part: words("A small team"), Seats: one},
		},
		Injects: []scenario.Inject{
			{ID: "I01", At: 5 * scenario.Minute, To: []ident.Address{xa}, As: words("duty manager"), How: scenario.Note, Text: words("Wards have lost their records."), Opens: &scenario.Opens{To: xb}},
			{ID: "I02", When: &scenario.Trigger{Missed: "E02"}, Delay: 2 * scenario.Minute, To: []ident.Address{xad, xbd}, As: words("control"), How: scenario.SealedCard, Text: words("No sign of life.")},
			{ID: "I03", Manual: true, To: []ident.Address{xc}, As: words("press agency"), How: scenario.Press, Text: words("Never released.")},
			{ID: "I04", At: 90 * scenario.Minute, To: []ident.Address{xb}, As: words("an engineer"), How: scenario.Phone, Text: words("Only XB hears this.")},
		},
		Jumps: []scenario.Jump{{At: 5 * scenario.Hour, To: 14 * scenario.Hour, Say: words("The next shift.")}},
		Expectations: []scenario.Expectation{
			{ID: "E01", Objective: "O1", Who: xa, To: xb, Does: scenario.InquirySent, Within: 45 * scenario.Minute, Of: "I01", Has: []scenario.Fact{scenario.Nature, scenario.PreferredChannel}, Points: 10},
			{ID: "E02", Objective: "O1", Who: xb, To: xa, Does: scenario.Acknowledged, Within: 30 * scenario.Minute, Of: "E01", Points: 10},
			{ID: "E03", Objective: "O1", Who: xc, To: xb, Does: scenario.Acknowledged, Within: scenario.Hour, Of: "I04.sent", Points: 5},
			{ID: "E04", Objective: "O1", Pair: [2]ident.Address{xa, xb}, Does: scenario.ChannelAgreed, Within: 3 * scenario.Hour, Of: "I01", Points: 6},
			{ID: "E05", Objective: "O2", Never: scenario.CrossTrack, Points: 10},
			{ID: "E06", Objective: "O3", Judge: words("Tone of Alder and Birch"), Points: 12},
			{ID: "E07", Objective: "O1", Who: xbd, To: xad, Does: scenario.Acknowledged, Within: scenario.Hour, Of: "I02", Unscored: true},
			{ID: "E08", Objective: "O1", Who: xa, To: xb, Does: scenario.Closed, Within: scenario.Hour, Of: "E07"},
			{ID: "E09", Objective: "O2", Who: xb, To: xa, Does: scenario.ResponseSent, Within: 13 * scenario.Hour, Of: "E01", Points: 4},
		},
	}
}

// lines number themselves in the order in which they stand.
func numbered(lines []play.Line) []play.Line {
	for i := range lines {
		lines[i].Seq = uint64(i)
	}
	return lines
}

func opened(persons ...string) play.Line {
	return play.Line{
		Type: play.Opened, Format: play.RecordingFormat, Scenario: "small-ward", Digest: digest, Seed: 7, Engine: play.Engine,
		Start: "2030-03-05T05:30:00Z", Realm: "exercise:small-ward-" + strings.Repeat("0a", 16), Persons: persons,
	}
}

// smallLines are a run of the small scenario, written by hand: late, missed, judged, waived, paused and jumped.
func smallLines() []play.Line {
	m, h := scenario.Minute, scenario.Hour
	act := func(at scenario.Span, who, to string, does scenario.Act, thread string, person bool, has ...scenario.Fact) play.Line {
		return play.Line{At: at, Type: play.Acted, Seat: who, To: []string{to}, Does: does, Thread: thread, Person: person, Has: has}
	}
	xa, xb, xc := "XA/technical", "XB/technical", "XC/technical"
	return numbered([]play.Line{
		opened("XA/diplomatic", xa, "XB/diplomatic", xb), // 0
		{Type: play.Control, Do: play.StartEx},
		{At: 5 * m, Type: play.Injected, Inject: "I01", To: []string{xa}, Cause: play.ByTime},
		act(20*m, xa, xb, scenario.InquirySent, "XA/technical-1", true, scenario.PreferredChannel, scenario.Nature), // 3
		{At: 20 * m, Type: play.Result, Expectation: "E01", Outcome: play.Met, By: new(uint64(3)), After: new(int64(15 * m))},
		{At: 25 * m, Type: play.Control, Do: play.Pause}, // 5
		{At: 25 * m, Type: play.Control, Do: play.Resume},
		{At: 50 * m, Type: play.Result, Expectation: "E02", Outcome: play.Missed},
		{At: 52 * m, Type: play.Injected, Inject: "I02", To: []string{"XA/diplomatic", "XB/diplomatic"}, Cause: play.ByTrigger},
		act(58*m, xb, xa, scenario.Acknowledged, "XA/technical-1", true), // 9
		{At: 58 * m, Type: play.Result, Expectation: "E02", Outcome: play.Late, By: new(uint64(9)), After: new(int64(38 * m))},
		act(58*m, xb, xa, scenario.HoldingSent, "XA/technical-1", true, scenario.EstimateGiven), // 11
		{At: 90*m + 30*scenario.Second, Type: play.Injected, Inject: "I04", To: []string{xb}, Cause: play.ByControl},
		act(100*m, xb, xc, scenario.InquirySent, "XB/technical-1", true, scenario.Nature), // 13
		act(112*m, xc, xb, scenario.Acknowledged, "XB/technical-1", false),                // 14
		{At: 112 * m, Type: play.Result, Expectation: "E03", Outcome: play.Met, By: new(uint64(14)), After: new(int64(12 * m))},
		act(113*m, "XB/diplomatic", "XA/diplomatic", scenario.InquirySent, "XB/diplomatic-1", true, scenario.Nature), // 16
		act(120*m, xb, "XD/technical", scenario.InquirySent, "XB/technical-2", true),
		act(121*m, "XD/technical", xb, scenario.Acknowledged, "XB/technical-2", false),
		act(122*m, xc, "XE/technical", scenario.InquirySent, "XC/technical-1", false),
		act(150*m, "XE/technical", xc, scenario.Acknowledged, "XC/technical-1", false), // 20
		{At: 2*h + 40*m, Type: play.Noted, Expectation: "E02", Text: "Birch looked for the right person first."},
		{At: 3 * h, Type: play.Noted, Text: "Alder and Birch shared one telephone."},
		{At: 3 * h, Type: play.Control, Do: play.RealEvent, Seat: xb, Cause: play.ByControl},
		{At: 3 * h, Type: play.Control, Do: play.StandDown, Cause: play.ByControl},
		{At: 3*h + 5*m, Type: play.Result, Expectation: "E04", Outcome: play.Missed}, // 25
		{At: 5 * h, Type: play.Control, Do: play.JumpTo, Value: int64(14 * h), Cause: play.ByTime},
		{At: 5 * h, Type: play.Result, Expectation: "E09", Outcome: play.NotScored, By: new(uint64(26))},
		act(15*h, "XA/diplomatic", "XB/diplomatic", scenario.Acknowledged, "XB/diplomatic-1", true), // 28
		act(15*h+m, xb, xa, scenario.ResponseSent, "XA/technical-1", true),
		{At: 16 * h, Type: play.Acted, Seat: xa, Does: scenario.CallLogged, Person: true}, // 30
		{At: 20 * h, Type: play.Control, Do: play.EndEx, Cause: play.ByTime},
		{At: 20 * h, Type: play.Compared, Seats: []string{xa, xb}, Agree: new(true)},
		{At: 20 * h, Type: play.Compared, Seats: []string{xb, xc}, Agree: new(false)},
		{At: 20 * h, Type: play.Judged, Expectation: "E06", Grade: play.SomeTrouble, Text: "Calm, a little short."},
		{At: 20 * h, Type: play.Result, Expectation: "E07", Outcome: play.Waived, Text: "The telephone was out of order."}, // 35
		{At: 20 * h, Type: play.Result, Expectation: "E05", Outcome: play.Met},
		{At: 20 * h, Type: play.Result, Expectation: "E08", Outcome: play.NotReached},
		{At: 20 * h, Type: play.Ended, Lines: 38},
	})
}

// recorded writes lines as a file has them and reads them back.
func recorded(t testing.TB, lines []play.Line) *play.Recording {
	t.Helper()
	var b bytes.Buffer
	w := play.NewWriter(&b)
	for _, l := range lines {
		if err := w.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	r, err := play.Whole(&b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func made(t testing.TB, s *scenario.Scenario, lines []play.Line, l locale.Language, reader ident.State) *report.Report {
	t.Helper()
	r, err := report.New(report.Input{Scenario: s, Digest: digest, Recording: recorded(t, lines), File: "small.jsonl", Language: l, For: reader})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// written is a report as its files, by name.
func written(t testing.TB, r *report.Report) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, f := range r.Files() {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		all[f.Name] = b.String()
	}
	return all
}

func smallReport(t testing.TB, l locale.Language, reader ident.State) *report.Report {
	t.Helper()
	return made(t, small(), smallLines(), l, reader)
}
