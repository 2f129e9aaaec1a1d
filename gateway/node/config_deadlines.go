package node

import (
	"bytes"
	"fmt"
	"time"

	"valise.example/gateway"
	"valise.example/proto/tomlkey"
	valisev1 "valise.example/proto/valise/v1"
)

// Bounds of what our own rule may say.
const (
	leastWithin = time.Minute
	mostWithin  = 366 * 24 * time.Hour
)

// deadlinesText is the table [deadlines] as written.
type deadlinesText struct {
	Acknowledge levelsText `toml:"acknowledge"`
	Answer      levelsText `toml:"answer"`
}

// levelsText is a time for each level that an inquiry may ask for. I-3
type levelsText struct {
	Routine  string `toml:"routine"`
	Priority string `toml:"priority"`
	Urgent   string `toml:"urgent"`
}

func (t deadlinesText) read(c *Config) (err error) {
	if c.Deadlines.Acknowledge, err = t.Acknowledge.read("deadlines.acknowledge"); err != nil {
		return err
	}
	c.Deadlines.Answer, err = t.Answer.read("deadlines.answer")
	return err
}

// levels are the levels in their order, with where each stands.
func (t *levelsText) levels() []levelText {
	return []levelText{
		{valisev1.Urgency_URGENCY_ROUTINE, "routine", &t.Routine},
		{valisev1.Urgency_URGENCY_PRIORITY, "priority", &t.Priority},
		{valisev1.Urgency_URGENCY_URGENT, "urgent", &t.Urgent},
	}
}

type levelText struct {
	level valisev1.Urgency
	name  string
	text  *string
}

func (t levelsText) read(table string) (map[valisev1.Urgency]time.Duration, error) {
	var out map[valisev1.Urgency]time.Duration
	for _, l := range t.levels() {
		if *l.text == "" {
			continue
		}
		within, err := parseWithin(table+"."+l.name, *l.text, leastWithin, mostWithin)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = map[valisev1.Urgency]time.Duration{}
		}
		out[l.level] = within
	}
	return out, nil
}

// parseWithin reads a time between two bounds, such as "8h" or "90m".
func parseWithin(key, text string, least, most time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < least || d > most {
		return 0, &ConfigError{key: key, Detail: fmt.Sprintf("%s must be a time between %s and %s, such as \"90m\"", key, least, most)}
	}
	return d, nil
}

// formatDeadlines writes the tables where there is a rule, or whole.
func formatDeadlines(b *bytes.Buffer, rule gateway.OwnRule, whole bool) {
	if len(rule.Acknowledge)+len(rule.Answer) == 0 && !whole {
		return
	}
	fmt.Fprintf(b, "\n# within how long our own desk wishes to act, by the level asked for; empty: no rule. The peer is told nothing\n")
	for _, table := range []struct {
		name   string
		within map[valisev1.Urgency]time.Duration
	}{{"acknowledge", rule.Acknowledge}, {"answer", rule.Answer}} {
		fmt.Fprintf(b, "[deadlines.%s]\n", table.name)
		for _, l := range new(levelsText).levels() {
			switch within := table.within[l.level]; {
			case within > 0:
				fmt.Fprintf(b, "%s = %s\n", l.name, tomlkey.Quote(within.String()))
			case whole:
				fmt.Fprintf(b, "%s = \"\"\n", l.name)
			}
		}
	}
}
