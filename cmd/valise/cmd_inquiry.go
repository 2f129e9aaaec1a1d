package main

import (
	"github.com/spf13/cobra"
)

func newInquiryCommand(p *program) *cobra.Command {
	return nounCommand("inquiry", "Ask another State and answer it: the two procedures of the appendix",
		newInquiryAcknowledgeCommand(p),
		newInquiryAgencyCommand(p),
		newInquiryAnswerCommand(p),
		newInquiryAskCommand(p),
		newInquiryChannelCommand(p),
		newInquiryClearCommand(p),
		newInquiryCloseCommand(p),
		newInquiryCorrectCommand(p),
		newInquiryDeclineCommand(p),
		newInquiryEscalateCommand(p),
		newInquiryEstimateCommand(p),
		newInquiryHoldCommand(p),
		newInquiryLinkCommand(p),
		newInquiryListCommand(p),
		newInquiryLogCommand(p),
		newInquiryNoteCommand(p),
		newInquiryNotesCommand(p),
		newInquiryOpenCommand(p),
		newInquiryReferCommand(p),
		newInquiryReopenCommand(p),
		newInquiryRetractCommand(p),
		newInquiryReviseCommand(p),
		newInquirySaveCommand(p),
		newInquirySendBackCommand(p),
		newInquirySendCommand(p),
		newInquiryShowCommand(p),
		newInquirySupplementCommand(p),
		newInquiryTemplateCommand(p),
		newInquiryUnlinkCommand(p),
		newInquiryWatchCommand(p),
	)
}
