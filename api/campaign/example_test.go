package campaign_test

import (
	"os"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/campaign"
	valisev1 "valise.example/proto/valise/v1"
)

func ExampleReport_Text() {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	r := campaign.Report{Realm: "operational", Made: at.Add(72 * time.Hour), Check: &valisev1.GetCheckResponse{
		Campaign: &valisev1.CampaignView{Campaign: "00112233445566778899aabbccddeeff", Started: timestamppb.New(at), Deadline: timestamppb.New(at.Add(48 * time.Hour)), Detail: "node"},
		Checks:   []*valisev1.CheckView{{Address: "ZZ/technical", State: valisev1.CheckState_CHECK_STATE_NO_REPLY}},
	}}
	if err := r.Text(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// realm operational
	//
	// COMMUNICATION CHECKS
	// campaign 00112233445566778899aabbccddeeff, begun 2026-03-01 09:00 UTC, answers asked for by 2026-03-03 09:00 UTC, checking node
	// A communication check asks whether an entry of the directory is right; a person answers. It binds nobody (A-8).
	// The order is that of addresses. Nothing here measures a State, and an answer that is not recorded here says nothing of why.
	//
	// asked: 1
	// no answer recorded: 1
	// made 2026-03-04 09:00 UTC
	//
	// ZZ/technical  no answer recorded
	//
	// realm operational
}
