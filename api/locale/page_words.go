package locale

// WordTexts are words that several pages share.
type WordTexts struct {
	State struct {
		Draft            Text `toml:"draft"`
		PendingClearance Text `toml:"pending_clearance"`
		Queued           Text `toml:"queued"`
		Received         Text `toml:"received"`
		ReceivedThere    Text `toml:"received_there" places:"state"` // the same where we began
		Acknowledged     Text `toml:"acknowledged"`
		AcknowledgedBy   Text `toml:"acknowledged_by" places:"state"`
		Holding          Text `toml:"holding"`
		HoldingBy        Text `toml:"holding_by" places:"state"`
		Responded        Text `toml:"responded"`
		RespondedBy      Text `toml:"responded_by" places:"state"`
		Declined         Text `toml:"declined"`
		DeclinedBy       Text `toml:"declined_by" places:"state"`
		Referred         Text `toml:"referred"`
		OffPlatform      Text `toml:"off_platform"`
		ClosedByUs       Text `toml:"closed_by_us"`
		ClosedByPeer     Text `toml:"closed_by_peer" places:"state"`
		Closed           Text `toml:"closed"`
		Withdrawn        Text `toml:"withdrawn"`
	} `toml:"state"`
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
