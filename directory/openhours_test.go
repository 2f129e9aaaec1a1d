package directory_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
)

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestOfficeNow asks offices of several kinds of week whether they are open; all moments are of 2026.
func TestOfficeNow(t *testing.T) {
	sunToThu := []string{"Sun-Thu 08:00-16:00"}
	for name, c := range map[string]struct {
		open    []string
		zone    string
		now     string
		isOpen  bool
		changes string // empty: never
	}{
		"a Sunday of a week that ends on Friday": {sunToThu, "Asia/Dubai", "2026-03-01T05:00:00Z", true, "2026-03-01T12:00:00Z"},
		"its Friday":                             {sunToThu, "Asia/Dubai", "2026-03-06T08:00:00Z", false, "2026-03-08T04:00:00Z"},
		"the first minute":                       {sunToThu, "Etc/UTC", "2026-03-01T08:00:00Z", true, "2026-03-01T16:00:00Z"},
		"the minute after the last":              {sunToThu, "Etc/UTC", "2026-03-01T16:00:00Z", false, "2026-03-02T08:00:00Z"},
		"Thursday evening, over the weekend":     {sunToThu, "Etc/UTC", "2026-03-05T16:00:00Z", false, "2026-03-08T08:00:00Z"},
		"another day there than here":            {[]string{"Mon 00:00-02:00"}, "Pacific/Auckland", "2026-03-01T11:30:00Z", true, "2026-03-01T13:00:00Z"},
		"a night shift, before midnight":         {[]string{"Sat 22:00-06:00"}, "Etc/UTC", "2026-03-07T23:00:00Z", true, "2026-03-08T06:00:00Z"},
		"a night shift, after midnight":          {[]string{"Sat 22:00-06:00"}, "Etc/UTC", "2026-03-08T05:59:00Z", true, "2026-03-08T06:00:00Z"},
		"a night shift that is over":             {[]string{"Sat 22:00-06:00"}, "Etc/UTC", "2026-03-08T06:00:00Z", false, "2026-03-14T22:00:00Z"},
		"spans that meet are one":                {[]string{"Mon 08:00-24:00", "Tue 00:00-09:00"}, "Etc/UTC", "2026-03-02T20:00:00Z", true, "2026-03-03T09:00:00Z"},
		"always":                                 {[]string{"always"}, "Etc/UTC", "2026-03-02T20:00:00Z", true, ""},
		"all days, said in parts":                {[]string{"Mon-Thu 00:00-24:00", "Fri-Sun 00:00-24:00"}, "Etc/UTC", "2026-03-02T20:00:00Z", true, ""},
		"all days but one":                       {[]string{"Mon-Sat 00:00-24:00"}, "Etc/UTC", "2026-03-02T00:00:00Z", true, "2026-03-08T00:00:00Z"},
		"the night in which summer begins":       {[]string{"Sun 01:00-05:00"}, "Europe/Paris", "2026-03-29T00:30:00Z", true, "2026-03-29T03:00:00Z"},
		"an opening in an hour that is skipped":  {[]string{"Sun 02:30-05:00"}, "Europe/Paris", "2026-03-29T00:45:00Z", false, "2026-03-29T01:30:00Z"},
		"the morning after summer has begun":     {[]string{"Mon 08:00-16:00"}, "Europe/Paris", "2026-03-29T12:00:00Z", false, "2026-03-30T06:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			got := directory.OfficeNow(&valisev1.PointOfContact{Open: c.open, TimeZone: c.zone}, moment(t, c.now))
			if got == nil || got.Open != c.isOpen {
				t.Fatalf("%+v, want open %v", got, c.isOpen)
			}
			if c.changes == "" && got.Changes != nil || c.changes != "" && (got.Changes == nil || !got.Changes.Equal(moment(t, c.changes))) {
				t.Fatalf("changes %v, want %q", got.Changes, c.changes)
			}
		})
	}
}

func TestOfficeNowInWords(t *testing.T) {
	p := &valisev1.PointOfContact{Open: []string{"Sun-Thu 08:00-16:00"}, TimeZone: "Asia/Dubai"}
	for at, want := range map[string]string{
		"2026-03-06T08:00:00Z": "office closed, opens in 1 d 20 h (Sun 08:00 there; it is Fri 12:00 there now)",
		"2026-03-01T05:00:00Z": "office open, closes in 7 h 0 min (Sun 16:00 there; it is Sun 09:00 there now)",
		"2026-03-01T11:59:30Z": "office open, closes in 1 min (Sun 16:00 there; it is Sun 15:59 there now)",
	} {
		if got := directory.OfficeNow(p, moment(t, at)).Text(); got != want {
			t.Errorf("at %s: %q, want %q", at, got, want)
		}
	}
	p.Open = []string{"always"}
	if got := directory.OfficeNow(p, start).Text(); got != "office open at all times" {
		t.Error(got)
	}
}

// badHours break the small grammar, each in one way.
var badHours = []string{
	"", "Mon", "Mon ", "08:00-16:00", "mon 08:00-16:00", "Monday 08:00-16:00", "Mon  08:00-16:00", " Mon 08:00-16:00", "Mon 08:00-16:00 ",
	"Mon 8:00-16:00", "Mon 08:00", "Mon 08:00-08:00", "Mon 24:00-08:00", "Mon 08:00-24:01", "Mon 08:60-09:00", "Mon 25:00-26:00", "Mon +8:00-09:00",
	"Mon-Mon 08:00-16:00", "Mon,Mon 08:00-16:00", "Mon-Wed,Tue 08:00-16:00", "Mon-Tue-Wed 08:00-16:00", "Mon- 08:00-16:00", "Mon, 08:00-16:00",
	"Mon 08:00–16:00", "Always", "always Mon", "Mon 08:00-12:00 13:00-16:00", "Mon 08:00-16:00Z", "Mon 0800-1600", "Mon 08:00-16:00\n", "Mon ٠٨:٠٠-16:00",
}

// TestHoursAreStrictAndReadingIsNot: a State's own slip is refused before it is signed; what another
// State signed is in force and only tells nothing.
func TestHoursAreStrictAndReadingIsNot(t *testing.T) {
	for _, line := range badHours {
		f := directory.EntryFacts{State: "XA", Points: []directory.PointFacts{{Track: "technical", TimeZone: "Etc/UTC", Open: []string{line}}}}
		if err := directory.CheckFacts(f); err == nil {
			t.Errorf("%q was taken", line)
		}
		if now := directory.OfficeNow(&valisev1.PointOfContact{Open: []string{line}, TimeZone: "Etc/UTC"}, start); now != nil {
			t.Errorf("%q says %+v", line, now)
		}
	}
	for _, zone := range []string{"", "Local", "Etc/Nowhere", "../Etc/UTC", "etc/utc\x00"} {
		if now := directory.OfficeNow(&valisev1.PointOfContact{Open: []string{"always"}, TimeZone: zone}, start); now != nil {
			t.Errorf("zone %q says %+v", zone, now)
		}
	}
	e := firstEdition(t)
	e.entries["XB"].PointsOfContact[0].Open = []string{"when we feel like it"}
	e.entries["XB"].PointsOfContact[0].TimeZone = "Etc/UTC"
	e.enrol()
	book := openBook(t, t.TempDir())
	mustImport(t, book, e)
	for _, s := range book.Snapshot().Show(start).States {
		if s.State == "XB" && (s.POCs[0].Office != nil || !slices.Equal(s.POCs[0].Open, []string{"when we feel like it"})) {
			t.Errorf("XB is shown as %+v", s.POCs[0])
		}
	}
}

// TestOfficeChangesWhenItSays: whatever the week and the zone, the office is in the other state at the
// moment that is named, and in the same one until a second before.
func TestOfficeChangesWhenItSays(t *testing.T) {
	days := []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	rapid.Check(t, func(rt *rapid.T) {
		var open []string
		for range rapid.IntRange(1, 6).Draw(rt, "lines") {
			hour := rapid.IntRange(0, 23)
			from, until := hour.Draw(rt, "from"), hour.Draw(rt, "until")
			if from == until {
				until++
			}
			clock := func(h int) string { return time.Date(2026, 1, 1, h, 0, 0, 0, time.UTC).Format("15:04") }
			end := clock(until)
			if until == 24 {
				end = "24:00"
			}
			open = append(open, rapid.SampledFrom(days).Draw(rt, "day")+" "+clock(from)+"-"+end)
		}
		zone := rapid.SampledFrom([]string{"Etc/UTC", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns", "Africa/Casablanca"}).Draw(rt, "zone")
		at := time.Unix(rapid.Int64Range(1_770_000_000, 1_800_000_000).Draw(rt, "now"), 0)
		p := &valisev1.PointOfContact{Open: open, TimeZone: zone}
		now := directory.OfficeNow(p, at)
		if now == nil {
			rt.Fatalf("%s tells nothing", strings.Join(open, "; "))
		}
		if now.Changes == nil {
			return
		}
		if !now.Changes.After(at) || now.Changes.Sub(at) > 8*24*time.Hour {
			rt.Fatalf("%v: changes at %v, seen at %v", open, now.Changes, at)
		}
		then, before := directory.OfficeNow(p, *now.Changes), directory.OfficeNow(p, now.Changes.Add(-time.Second))
		if then.Open == now.Open || before.Open != now.Open {
			rt.Fatalf("%v in %s at %v: open %v until %v, then %v, a second before %v", open, zone, at, now.Open, now.Changes, then.Open, before.Open)
		}
	})
}
