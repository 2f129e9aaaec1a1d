package control_test

import (
	"context"
	"sync/atomic"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	valisev1 "valise.example/proto/valise/v1"
)

// nobody is a door behind which nobody is.
type nobody struct{ grpc.ClientConnInterface }

func (nobody) Invoke(context.Context, string, any, any, ...grpc.CallOption) error {
	return status.Error(codes.Unavailable, "nobody is there")
}

// closing is a door behind which nobody is any more once it is closed.
type closing struct {
	grpc.ClientConnInterface
	closed atomic.Bool
}

func (c *closing) Invoke(ctx context.Context, method string, args, reply any, o ...grpc.CallOption) error {
	if c.closed.Load() {
		return status.Error(codes.Unavailable, "nobody is there")
	}
	return c.ClientConnInterface.Invoke(ctx, method, args, reply, o...)
}

// refusal is the Reason with which control refuses a command; empty: it does not.
func refusal(conn grpc.ClientConnInterface, r *valisev1.CommandRequest) string {
	_, err := valisev1.NewControlServiceClient(conn).Command(context.Background(), r)
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// small has two States; a person has the technical seat of Alder.
const small = `valise = "scenario/v1"
id = "small"
kind = "functional"
languages = ["en", "fr"]
seed = 7
end = "10h"
[title]
en = "Two States"
fr = "Deux États"
[clock]
start = 2030-03-05T05:30:00Z
[mark]
codeword = "LANTERN"
[objectives.O1]
from = "A-10 s4"
[objectives.O1.text]
en = "Acknowledge"
fr = "Accuser réception"
[participants.XA]
name = "Alder"
zone = "+03:00"
seats = { technical = "human" }
[participants.XA.part]
en = "Asks"
fr = "Demande"
[participants.XB]
name = "Birch"
zone = "-05:00"
seats = { technical = "quick" }
[participants.XB.part]
en = "Answers"
fr = "Répond"
[profiles.quick]
stand_in = true
acknowledge = { chance = 100, least = "1m", mode = "2m", most = "3m" }
answer = { chance = 100, least = "4m", mode = "5m", most = "6m" }
[[inject]]
id = "I02"
manual = true
to = ["XB/technical"]
how = "press"
[inject.as]
en = "A press agency"
fr = "Une agence de presse"
[inject.text]
en = "Birch is said to be behind it."
fr = "Birch en serait responsable."
[[inject]]
id = "I03"
at = "5h"
to = ["XA/technical"]
how = "note"
[inject.as]
en = "Duty manager"
fr = "Responsable de permanence"
[inject.text]
en = "The records are back."
fr = "Les dossiers sont revenus."
[[expect]]
id = "E01"
objective = "O1"
who = "XA/technical"
to = "XB/technical"
does = "inquiry.sent"
within = "9h"
points = 10
[[expect]]
id = "E04"
objective = "O1"
[expect.judge]
en = "Tone <b>"
fr = "Ton <b>"
`
