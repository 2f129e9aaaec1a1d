package main

import (
	"github.com/spf13/cobra"
)

func newInquiryCommand(p *program) *cobra.Command {
	return nounCommand("inquiry", "Ask another State and answer it: the two procedures of the appendix",
		newInquiryTemplateCommand(p), newInquirySendCommand(p), newInquiryListCommand(p),
		newInquiryShowCommand(p), newInquirySaveCommand(p), newInquiryWatchCommand(p), newInquiryAcknowledgeCommand(p),
		newInquiryHoldCommand(p), newInquiryAnswerCommand(p), newInquiryDeclineCommand(p),
		newInquiryEstimateCommand(p), newInquiryAskCommand(p), newInquirySupplementCommand(p),
		newInquiryChannelCommand(p), newInquiryAgencyCommand(p), newInquiryCorrectCommand(p),
		newInquiryRetractCommand(p), newInquiryCloseCommand(p), newInquiryReopenCommand(p),
		newInquiryLogCommand(p), newInquiryClearCommand(p), newInquirySendBackCommand(p),
		newReferCommand(),
	)
}
