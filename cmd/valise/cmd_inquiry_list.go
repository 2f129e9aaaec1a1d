package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

func newInquiryListCommand(p *program) *cobra.Command {
	var (
		peer, track string
		states      []string
		needsUs     bool
	)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Threads, newest change first",
		Annotations: documented("threads, newest change first; `--peer`, `--state`, `--track`; `--needs-us` those that need our side, by deadline (protocol.md §12.8)",
			`{"threads":[{`+threadKeys+`}]}`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			wanted, err := parseThreadStates(states)
			if err != nil {
				return err
			}
			return p.atDesk(cmd.Context(), func(d *desk) error {
				request := &valisev1.ListThreadsRequest{PageSize: 500, Peer: peer, States: wanted, Track: track, NeedsUs: needsUs}
				if needsUs {
					request.Order = valisev1.ThreadOrder_THREAD_ORDER_DEADLINE
				}
				return p.runInquiryList(cmd.Context(), d, request)
			})
		},
	}
	cmd.Flags().StringVar(&peer, "peer", "", "only threads with this State or point of contact")
	cmd.Flags().StringVar(&track, "track", "", "only threads of this track of ours, diplomatic or technical")
	cmd.Flags().BoolVar(&needsUs, "needs-us", false, "only threads that need our side, by the nearest deadline")
	cmd.Flags().StringSliceVar(&states, "state", nil, "only threads in these states")
	return cmd
}

func (p *program) runInquiryList(ctx context.Context, d *desk, request *valisev1.ListThreadsRequest) error {
	threads, err := d.threads(ctx, request)
	if err != nil {
		return err
	}
	list := []object{}
	lines := []string{}
	for _, t := range threads {
		list = append(list, threadObject(t))
		lines = append(lines, threadLine(p.speech(), t))
	}
	if len(threads) == 0 {
		p.tell("%s", p.speech().line(p.speech().Result.NoThreads.String()))
	}
	return p.result(object{"threads": list}, lines...)
}

// threads reads all pages.
func (d *desk) threads(ctx context.Context, request *valisev1.ListThreadsRequest) ([]*valisev1.ThreadView, error) {
	var all []*valisev1.ThreadView
	for {
		page, err := d.inquiry.ListThreads(ctx, request)
		if err != nil {
			return nil, err
		}
		all = append(all, page.GetThreads()...)
		if page.GetNextPageToken() == "" {
			return all, nil
		}
		request.PageToken = page.GetNextPageToken()
	}
}

func parseThreadStates(names []string) (states []valisev1.ThreadState, err error) {
	for _, name := range names {
		n, ok := valisev1.ThreadState_value["THREAD_STATE_"+strings.ToUpper(name)]
		if !ok || n == 0 {
			return nil, usage("--state knows no " + shorten(name))
		}
		states = append(states, valisev1.ThreadState(n))
	}
	return states, nil
}

// threadKeys are the keys of a thread, as docs/cli.md shows them.
const threadKeys = `"thread","direction","peer","ours","title","state","flags":[],"delivery","realm","opened","changed",` +
	`"estimate","needed_by","time_sensitivity","agreed_channel","our_agency","their_agency","gap","unopened_since","opening","pruned","linked":[` + linkedForm + `],` +
	`"deadlines":[{"type","at","passed"}],"needs":[]`

func threadObject(t *valisev1.ThreadView) object {
	return object{
		"thread": t.GetThread(), "direction": direction(t.GetOutbound()), "peer": t.GetPeer(), "ours": t.GetOurs(),
		"title": t.GetTitle(), "state": stateName(t.GetState()), "flags": strs(t.GetFlags()),
		"delivery": deliveryName(t.GetDelivery()), "realm": t.GetRealm(),
		"opened": stamp(t.GetOpened()), "changed": stamp(t.GetChanged()),
		"estimate": stamp(t.GetEstimate()), "needed_by": stamp(t.GetNeededBy()),
		"time_sensitivity": lowerName(t.GetTimeSensitivity().String(), "URGENCY_"),
		"agreed_channel":   t.GetAgreedChannel(), "our_agency": t.GetOurAgency(), "their_agency": t.GetTheirAgency(),
		"gap": t.GetGap(), "unopened_since": stamp(t.GetUnopenedSince()), "opening": kindName(t.GetOpening()), "pruned": stamp(t.GetPruned()), "linked": linkedObjects(t.GetLinked()),
		"deadlines": deadlineObjects(t.GetDeadlines()), "needs": needNames(t.GetNeeds()),
	}
}

// needNames are what our side needs to do, as docs/cli.md names it. docs/protocol.md §12.8
func needNames(needs []valisev1.Need) []string {
	out := []string{}
	for _, n := range needs {
		out = append(out, lowerName(n.String(), "NEED_"))
	}
	return out
}

// deadlineObjects: what was asked, promised and set by ourselves stand apart. docs/protocol.md §12.7
func deadlineObjects(list []*valisev1.Deadline) []object {
	out := []object{}
	for _, d := range list {
		out = append(out, object{"type": lowerName(d.GetType().String(), "DEADLINE_TYPE_"), "at": stamp(d.GetAt()), "passed": d.GetPassed()})
	}
	return out
}
