package locale

// TimeTexts are moments and durations in words. Times have 24 hours and Western digits everywhere.
type TimeTexts struct {
	Monday    Text `toml:"monday"`
	Tuesday   Text `toml:"tuesday"`
	Wednesday Text `toml:"wednesday"`
	Thursday  Text `toml:"thursday"`
	Friday    Text `toml:"friday"`
	Saturday  Text `toml:"saturday"`
	Sunday    Text `toml:"sunday"`

	January   Text `toml:"january"` // as it stands in a date
	February  Text `toml:"february"`
	March     Text `toml:"march"`
	April     Text `toml:"april"`
	May       Text `toml:"may"`
	June      Text `toml:"june"`
	July      Text `toml:"july"`
	August    Text `toml:"august"`
	September Text `toml:"september"`
	October   Text `toml:"october"`
	November  Text `toml:"november"`
	December  Text `toml:"december"`

	Date    Text `toml:"date" places:"weekday,day,month,year"`
	Day     Text `toml:"day" places:"day,month,year"` // without the day of the week, to stand within a sentence
	UTC     Text `toml:"utc" places:"date,clock"`     // a moment
	Clock   Text `toml:"clock" places:"clock"`        // a moment of a day that stands beside it
	Here    Text `toml:"here" places:"clock"`         // the same by our own clock
	There   Text `toml:"there" places:"clock,state"`  // the same by that of another State
	Days    Text `toml:"days" places:"count"`         // short
	Hours   Text `toml:"hours" places:"count"`        // short
	Minutes Text `toml:"minutes" places:"count"`      // short
	In      Text `toml:"in" places:"duration"`        // that long from now
	Ago     Text `toml:"ago" places:"duration"`       // that long before now
	Now     Text `toml:"now"`                         // within a minute
}

// Weekday is the name of a day of the week, 0 for Sunday; empty for any other number.
func (t TimeTexts) Weekday(day int) string {
	return at([]Text{t.Sunday, t.Monday, t.Tuesday, t.Wednesday, t.Thursday, t.Friday, t.Saturday}, day)
}

// Month is the name of a month as it stands in a date, 1 for January; empty for any other number.
func (t TimeTexts) Month(month int) string {
	return at([]Text{
		t.January, t.February, t.March, t.April, t.May, t.June,
		t.July, t.August, t.September, t.October, t.November, t.December,
	}, month-1)
}

func at(list []Text, i int) string {
	if i < 0 || i >= len(list) {
		return ""
	}
	return list[i].String()
}
