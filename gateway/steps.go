package gateway

import (
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// hand is who did something at home, and in which role; zero for the node by itself. A-9 s4
type hand struct{ officer, role string }

func (m outgoing) by() hand { return hand{m.actor.Name, m.role} }

// stageAct is what an officer did who brought a message to a stage.
var stageAct = map[valisev1.Stage]valisev1.DraftAct{
	valisev1.Stage_STAGE_DRAFT:             valisev1.DraftAct_DRAFT_ACT_DRAFTED,
	valisev1.Stage_STAGE_PENDING_CLEARANCE: valisev1.DraftAct_DRAFT_ACT_SUBMITTED,
	valisev1.Stage_STAGE_HELD:              valisev1.DraftAct_DRAFT_ACT_HELD,
}

// noteDraft records what was done to a message that is not released, by whom, and what they said of
// it; its id stands as evidence. A-9 s4
func (w *work) noteDraft(th *valisev1.Thread, row *valisev1.Outgoing, act valisev1.DraftAct, by hand, words string) error {
	th.Changed = timestamppb.New(w.now)
	_, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_DRAFT, Thread: th.GetId(), Kind: row.GetKind(),
		Officer: by.officer, Role: by.role, DraftAct: act, Note: words, Evidence: row.GetMessageId(),
	})
	return err
}

// wrote reports whether an officer wrote any of a message: they are no second person for it. A-9 s4
func wrote(row *valisev1.Outgoing, officer string) bool {
	return officer == row.GetOfficer() || slices.Contains(row.GetAuthors(), officer)
}

// takeStep adds what one item of type DRAFT tells to the message that it is about. A-9 s4
func takeStep(v *valisev1.MessageView, item *valisev1.Item) {
	v.Steps = append(v.Steps, &valisev1.DraftStep{
		Act: item.GetDraftAct(), Officer: item.GetOfficer(), Role: item.GetRole(), At: item.GetRecorded(), Note: item.GetNote(),
	})
	switch item.GetDraftAct() {
	case valisev1.DraftAct_DRAFT_ACT_WITHDRAWN:
		v.Delivery = valisev1.Delivery_DELIVERY_WITHDRAWN
	case valisev1.DraftAct_DRAFT_ACT_REVISED:
		v.Officer, v.Role = item.GetOfficer(), item.GetRole()
	}
}
