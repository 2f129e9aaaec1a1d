package main

import (
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// keyObject is one key of a node as status and rotate print it.
func keyObject(k *valisev1.KeyStatus) object {
	return object{
		"address": k.GetAddress(), "use": keyUse(k), "key_id": k.GetKeyId(), "from": stamp(k.GetFrom()), "until": stamp(k.GetUntil()),
		"current": k.GetCurrent(), "revoked_since": stamp(k.GetRevokedSince()), "waits_for": keyWaitOrNull(k.GetWaitsFor()),
		"ran_hours": k.GetRanHours(), "dates_of": k.GetDatesOf(),
	}
}

func keyUse(k *valisev1.KeyStatus) string {
	return strings.ToLower(strings.TrimPrefix(k.GetUse().String(), "KEY_USE_"))
}

func keyWaitOrNull(w valisev1.KeyWait) any {
	if w == valisev1.KeyWait_KEY_WAIT_UNSPECIFIED {
		return nil
	}
	return strings.ToLower(strings.TrimPrefix(w.String(), "KEY_WAIT_"))
}

// keyLine is the same for people: what it is for, its days, and how it stands. docs/protocol.md §8.5
func (s speech) keyLine(k *valisev1.KeyStatus) string {
	key := s.say(s.Status.KeyLine, "address", s.theirs(k.GetAddress()), "use", s.word(s.Status, keyUse(k)), "key", s.theirs(short8(k.GetKeyId())))
	if k.GetFrom() != nil {
		key = s.say(s.Status.KeyDates, "key", key, "from", s.date(k.GetFrom().AsTime()), "until", s.date(k.GetUntil().AsTime()))
	}
	if how := s.keyHow(k); how != "" {
		key = s.say(s.Status.KeyHow, "key", key, "how", how)
	}
	return s.entitled(s.Status.Key, key)
}

func (s speech) keyHow(k *valisev1.KeyStatus) string {
	switch t := s.Status; {
	case k.GetRevokedSince() != nil:
		return s.say(t.Revoked, "time", s.at(k.GetRevokedSince()))
	case k.GetUse() == valisev1.KeyUse_KEY_USE_SIGNING && k.GetCurrent():
		return t.SignsNow.String()
	case k.GetUse() == valisev1.KeyUse_KEY_USE_SIGNING && k.GetFrom() == nil:
		return t.NoEntry.String()
	case k.GetWaitsFor() == valisev1.KeyWait_KEY_WAIT_EVIDENCE:
		return s.say(t.Evidence, "others", decimal(uint64(k.GetDatesOf())), "hours", decimal(k.GetRanHours()))
	case k.GetWaitsFor() != valisev1.KeyWait_KEY_WAIT_UNSPECIFIED:
		return s.word(t, strings.ToLower(strings.TrimPrefix(k.GetWaitsFor().String(), "KEY_WAIT_")))
	}
	return ""
}

func day(t *timestamppb.Timestamp) string { return t.AsTime().UTC().Format(time.DateOnly) }
