package control_test

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"valise.example/api"
	"valise.example/exercise/conduct/conducttest"
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

// refusal is the Reason with which control refuses a command; unspecified: it does not.
func refusal(conn grpc.ClientConnInterface, r *valisev1.CommandRequest) valisev1.Reason {
	_, err := valisev1.NewControlServiceClient(conn).Command(context.Background(), r)
	e, refused := api.FromStatus(err)
	if !refused {
		return valisev1.Reason_REASON_UNSPECIFIED
	}
	return e.Reason
}

// small is what happens between two States.
var small = conducttest.Frame{Story: `[[inject]]
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
`}
