package console

import (
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// nodeReport is how the node does as lines for whoever supports it: counts, times and codes alone, so that
// it names no State, nobody and nothing that was said, whoever sees it.
func (v *visit) nodeReport() error {
	s, err := v.nodeStatus()
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="valise-node.txt"`)
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write([]byte(reportOf(s)))
	return nil
}

func reportOf(s *valisev1.GetStatusResponse) string {
	var b strings.Builder
	line := func(name string, value any) { fmt.Fprintf(&b, "%s = %v\n", name, value) }
	line("now", when(s.GetNow()))
	line("ready", s.GetReady())
	line("not_accepting", s.GetNotAccepting())
	line("exercise", strings.HasPrefix(s.GetRealm(), "exercise"))
	line("link_up", s.GetLink().GetUp())
	line("link_since", when(s.GetLink().GetSince()))
	line("outbox", len(s.GetOutbox()))
	for why, n := range countReasons(s.GetOutbox()) {
		line("outbox_"+strings.ToLower(valisev1.Reason(why).String()), n)
	}
	line("quarantine", len(s.GetQuarantine()))
	line("gaps", len(s.GetGaps()))
	line("questions", len(s.GetQuestions()))
	line("directory_number", s.GetDirectoryNumber())
	line("directory_stale", s.GetDirectoryStale())
	line("directory_refused", s.GetRelayedDirectory().GetRefused())
	line("items", s.GetItems())
	line("record_format", s.GetRecordFormat())
	line("keys", len(s.GetKeys()))
	line("last_backup", when(s.GetLastBackup()))
	line("last_verification", when(s.GetLastVerification().GetAt()))
	line("last_verification_ok", s.GetLastVerification().GetOk())
	line("sending_stopped", when(s.GetSendingStopped()))
	line("called", s.GetAttention() != nil)
	line("called_last", when(s.GetAttention().GetLast()))
	line("called_failing", len(s.GetAttention().GetFailing()))
	line("warnings", len(s.GetWarnings()))
	for name, n := range countWarnings(s.GetStanding()) {
		line("warning_"+name, n)
	}
	return b.String()
}

// countWarnings counts the warnings by name, in the order of the contract: what they say of whom stays out.
func countWarnings(list []*valisev1.StandingWarning) iter.Seq2[string, int] {
	counts := map[valisev1.Warning]int{}
	for _, w := range list {
		counts[w.GetWarning()]++
	}
	return func(yield func(string, int) bool) {
		for _, w := range slices.Sorted(maps.Keys(counts)) {
			if !yield(locale.WarningName(w), counts[w]) {
				return
			}
		}
	}
}

// countReasons counts what waits by why it does, in the order of the contract.
func countReasons(rows []*valisev1.OutboxRow) iter.Seq2[int32, int] {
	counts := map[int32]int{}
	most := int32(0)
	for _, row := range rows {
		counts[int32(row.GetReason())]++
		most = max(most, int32(row.GetReason()))
	}
	return func(yield func(int32, int) bool) {
		for why := int32(1); why <= most; why++ {
			if counts[why] > 0 && !yield(why, counts[why]) {
				return
			}
		}
	}
}

func when(t *timestamppb.Timestamp) string {
	if t == nil {
		return "never"
	}
	return t.AsTime().UTC().Format(time.RFC3339)
}
