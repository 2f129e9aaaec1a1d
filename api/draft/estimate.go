package draft

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	valisev1 "valise.example/proto/valise/v1"
)

// maxEstimate is ten years in seconds, the contract's limit.
const maxEstimate = 315_360_000

var (
	span     = regexp.MustCompile(`^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$`)
	likeSpan = regexp.MustCompile(`^[Pp][0-9Tt]`)
	likeTime = regexp.MustCompile(`^\d{1,4}-\d{1,2}`)
)

// ParseEstimate reads when an answer may come: a time in RFC 3339 with offset, a span in ISO
// 8601 without years and months ("PT6H", "P2D", at most ten years), or words. What looks like a
// time or a span and is none is an error, never words: a State must not promise by a slip. The
// error is always *Error. R-2
func ParseEstimate(s string) (*valisev1.Estimate, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return nil, flawed(FlawMissing, valisev1.Reason_REASON_BAD_DRAFT, "is empty: want a time, a span such as PT6H, or words")
	case likeTime.MatchString(s):
		at, err := zonedTime(s)
		if err != nil {
			return nil, err
		}
		return &valisev1.Estimate{Estimate: &valisev1.Estimate_By{By: at}}, nil
	case likeSpan.MatchString(s):
		seconds, err := parseSpan(s)
		if err != nil {
			return nil, err
		}
		return &valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: seconds}}, nil
	}
	m := &valisev1.Estimate{Estimate: &valisev1.Estimate_Words{Words: s}}
	if err := checkString(m.ProtoReflect().Descriptor().Fields().ByName("words"), s); err != nil {
		return nil, err
	}
	return m, nil
}

func parseSpan(s string) (uint64, error) {
	groups := span.FindStringSubmatch(s)
	if groups == nil || strings.HasSuffix(s, "T") {
		return 0, flawed(FlawTime, valisev1.Reason_REASON_BAD_DRAFT, "is no span: want for example PT6H, P2D or P1DT12H, without years and months")
	}
	var seconds uint64
	for i, unit := range []uint64{7 * 86400, 86400, 3600, 60, 1} {
		if groups[i+1] == "" {
			continue
		}
		n, err := strconv.ParseUint(groups[i+1], 10, 32)
		if err != nil || n > math.MaxUint32 {
			return 0, flawed(FlawTime, valisev1.Reason_REASON_BAD_DRAFT, "is no span: a number in it is too large")
		}
		seconds += n * unit
	}
	if seconds == 0 || seconds > maxEstimate {
		return 0, flawed(FlawTime, valisev1.Reason_REASON_BAD_DRAFT, "is no span between one second and ten years")
	}
	return seconds, nil
}

// estimate reads an Estimate from a draft, where a time may also stand as a TOML time.
func estimate(v any) (proto.Message, error) {
	switch v := v.(type) {
	case time.Time:
		at, err := zonedTime(v)
		if err != nil {
			return nil, err
		}
		return &valisev1.Estimate{Estimate: &valisev1.Estimate_By{By: at}}, nil
	case string:
		if v == "" {
			return nil, nil
		}
		m, err := ParseEstimate(v)
		if err != nil {
			return nil, err
		}
		return m, nil
	}
	return nil, wrongType("a time, a span or words", v)
}

// FormatEstimate is the inverse of ParseEstimate; "" for none. R-2
func FormatEstimate(e *valisev1.Estimate) string {
	switch e := e.GetEstimate().(type) {
	case *valisev1.Estimate_By:
		return formatTime(e.By.GetAt(), e.By.GetOffsetMinutes())
	case *valisev1.Estimate_WithinSeconds:
		return formatSpan(e.WithinSeconds)
	case *valisev1.Estimate_Words:
		return e.Words
	}
	return ""
}

func formatSpan(seconds uint64) string {
	var b strings.Builder
	part := func(n uint64, unit byte) {
		if n > 0 {
			b.WriteString(strconv.FormatUint(n, 10))
			b.WriteByte(unit)
		}
	}
	b.WriteByte('P')
	part(seconds/86400, 'D')
	rest := seconds % 86400
	if rest > 0 || seconds == 0 {
		b.WriteByte('T')
	}
	part(rest/3600, 'H')
	part(rest%3600/60, 'M')
	part(rest%60, 'S')
	if seconds == 0 {
		b.WriteString("0S")
	}
	return b.String()
}
