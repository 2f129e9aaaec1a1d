package main

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// keyWaits says what the destruction of a sealing key waits for. docs/protocol.md §8.5
var keyWaits = map[valisev1.KeyWait]string{
	valisev1.KeyWait_KEY_WAIT_NEXT_KEY:   "mail is sealed to it now",
	valisev1.KeyWait_KEY_WAIT_CLOCK:      "opens mail until its end",
	valisev1.KeyWait_KEY_WAIT_EVIDENCE:   "its end has come by our clock alone",
	valisev1.KeyWait_KEY_WAIT_DATE_AHEAD: "its date lies ahead of our clock",
}

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

// keysOfStatus lists the keys of a node by date.
func keysOfStatus(list []*valisev1.KeyStatus) (objects []object, lines []string) {
	objects = []object{}
	for _, k := range list {
		objects = append(objects, keyObject(k))
		lines = append(lines, keyLine(k))
	}
	return objects, lines
}

func keyLine(k *valisev1.KeyStatus) string {
	line := fmt.Sprintf("key  %s %s %.8s", k.GetAddress(), keyUse(k), k.GetKeyId())
	if k.GetFrom() != nil {
		line += fmt.Sprintf(", %s to %s", day(k.GetFrom()), day(k.GetUntil()))
	}
	switch {
	case k.GetRevokedSince() != nil:
		line += ", revoked since " + clock(k.GetRevokedSince())
	case k.GetUse() == valisev1.KeyUse_KEY_USE_SIGNING && k.GetCurrent():
		line += ", signs now"
	case k.GetUse() == valisev1.KeyUse_KEY_USE_SIGNING && k.GetFrom() == nil:
		line += ", stands in no entry yet"
	case k.GetWaitsFor() == valisev1.KeyWait_KEY_WAIT_EVIDENCE:
		line += fmt.Sprintf(": %s; others who signed a later date: %d, hours of running since it was made: %d", keyWaits[k.GetWaitsFor()], k.GetDatesOf(), k.GetRanHours())
	case keyWaits[k.GetWaitsFor()] != "":
		line += ": " + keyWaits[k.GetWaitsFor()]
	}
	return line
}

func day(t *timestamppb.Timestamp) string { return t.AsTime().UTC().Format(time.DateOnly) }
