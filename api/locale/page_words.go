package locale

// WordTexts are words that several pages share.
type WordTexts struct {
	Track struct {
		Diplomatic Text `toml:"diplomatic"`
		Technical  Text `toml:"technical"`
		Manager    Text `toml:"manager"`
	} `toml:"track"`
	Level struct {
		Routine  Text `toml:"routine"`
		Priority Text `toml:"priority"`
		Urgent   Text `toml:"urgent"`
	} `toml:"level"`
	Need struct {
		Open        Text `toml:"open"`
		Acknowledge Text `toml:"acknowledge"`
		Answer      Text `toml:"answer"`
		Decide      Text `toml:"decide"`
		Channel     Text `toml:"channel"`
		Check       Text `toml:"check"`
		Clear       Text `toml:"clear"`
		Revise      Text `toml:"revise"`
		Call        Text `toml:"call"`
	} `toml:"need"`
}
