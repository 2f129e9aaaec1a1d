package briefing_test

import (
	"os"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/briefing"
	valisev1 "valise.example/proto/valise/v1"
)

func ExampleBriefing_Text() {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	b := briefing.Briefing{Made: at.Add(time.Hour), Thread: &valisev1.GetThreadResponse{
		Thread: &valisev1.ThreadView{
			Thread: strings.Repeat("ab", 16), Peer: "XB/technical", Ours: "XA/technical", Realm: "exercise:lab-00112233445566778899aabbccddeeff",
			Title: "Scans of energy operators", State: valisev1.ThreadState_THREAD_STATE_RECEIVED, Opened: timestamppb.New(at),
		},
	}}
	var page strings.Builder
	if err := b.Text(&page); err != nil {
		panic(err)
	}
	os.Stdout.WriteString(strings.Join(strings.SplitN(page.String(), "\n", 8)[:7], "\n"))
	// Output:
	// TLP:AMBER+STRICT
	// EXERCISE EXERCISE EXERCISE - nothing on this page is real - realm exercise:lab-00112233445566778899aabbccddeeff
	//
	// BRIEFING
	//     | Scans of energy operators
	// For higher officials of our own State. The other State has not been told of this page.
	// What States exchange stays confidential. Pass this page on to nobody outside the officials whom it is for: a third party gets nothing of it without the consent of the other State.
}
