package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	// completionPatience: a shell must not hang because a node does.
	completionPatience = 2 * time.Second
	// completionThreads bounds how many of the newest threads are looked through for messages.
	completionThreads = 20
)

// completer lists candidates from the node, given what is open.
type completer func(ctx context.Context, d *desk) ([]string, error)

// addCompletion lets a shell complete what the forms of the commands name: T and M by ids, and
// the flags below by their values. A verb that is written in the same form needs nothing more.
func (p *program) addCompletion(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		p.addCompletion(sub)
	}
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 {
		p.completeArgument(cmd)
	}
	p.completeFlags(cmd)
}

// completeArgument reads the first word of the command's form.
func (p *program) completeArgument(cmd *cobra.Command) {
	words := strings.Fields(cmd.Use)
	if len(words) < 2 {
		return
	}
	switch strings.Trim(words[1], "[]…") {
	case "T":
		cmd.ValidArgsFunction = p.first(threadIDs)
	case "M":
		cmd.ValidArgsFunction = p.first(messageIDs)
	}
}

// completeFlags: what a flag of this name takes is the same in every command that has it.
func (p *program) completeFlags(cmd *cobra.Command) {
	candidates := map[string]completer{"to": addresses, "peer": addresses, "thread": threadIDs, "follows": threadIDs, "message": messageIDs}
	fixed := map[string][]string{
		"wait":  {"left", "receipt", "ack"},
		"lang":  locale.Codes(),
		"track": {"diplomatic", "technical"}, "four-eyes": {"diplomatic", "technical"},
		"role":  namesOf(valisev1.Role_name, "ROLE_"),
		"means": namesOf(valisev1.ContactMeans_name, "CONTACT_MEANS_"),
	}
	for name, list := range candidates {
		if f := cmd.Flags().Lookup(name); f != nil && !slices.Contains(p.textFlags[cmd], name) {
			_ = cmd.RegisterFlagCompletionFunc(name, p.fromNode(list)) // fails only where a command has its own
		}
	}
	for name, values := range fixed {
		if f := cmd.Flags().Lookup(name); f != nil {
			_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // as above
		}
	}
}

// first completes the first argument; what follows it is told by the help.
func (p *program) first(list completer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return p.fromNode(list)(cmd, args, begun)
	}
}

// fromNode asks the node of the home, as the officer who types. Where it does not answer in time or
// does not let the officer in, there is nothing to complete and nothing is said.
func (p *program) fromNode(list completer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, begun string) (fits []cobra.Completion, _ cobra.ShellCompDirective) {
		ctx, stop := context.WithTimeout(cmd.Context(), completionPatience)
		defer stop()
		var all []string
		err := p.atDesk(ctx, func(d *desk) (err error) {
			all, err = list(ctx, d)
			return err
		})
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		for _, candidate := range all {
			if strings.HasPrefix(candidate, begun) {
				fits = append(fits, candidate)
			}
		}
		return fits, cobra.ShellCompDirectiveNoFileComp
	}
}

// threadIDs are ids only: a title on the screen of whoever presses the tab key is content.
func threadIDs(ctx context.Context, d *desk) (ids []string, err error) {
	threads, err := d.threads(ctx, &valisev1.ListThreadsRequest{PageSize: 500})
	for _, t := range threads {
		ids = append(ids, t.GetThread())
	}
	return ids, err
}

// messageIDs are those of the newest threads.
func messageIDs(ctx context.Context, d *desk) (ids []string, err error) {
	page, err := d.inquiry.ListThreads(ctx, &valisev1.ListThreadsRequest{PageSize: completionThreads})
	if err != nil {
		return nil, err
	}
	for _, t := range page.GetThreads() {
		view, err := d.thread(ctx, t.GetThread())
		if err != nil {
			return nil, err
		}
		for _, m := range view.GetMessages() {
			if m.GetMessage() != "" {
				ids = append(ids, m.GetMessage())
			}
		}
	}
	return ids, nil
}

// addresses are the points of contact in the directory.
func addresses(ctx context.Context, d *desk) (list []string, err error) {
	answer, err := d.directory.ListContacts(ctx, &valisev1.ListContactsRequest{})
	for _, c := range answer.GetContacts() {
		list = append(list, c.GetAddress())
	}
	return list, err
}

// namesOf are the values of an enum as flags take them.
func namesOf(names map[int32]string, prefix string) (list []string) {
	for _, n := range slices.Sorted(maps.Keys(names)) {
		if name := lowerName(names[n], prefix); name != "" {
			list = append(list, name)
		}
	}
	return list
}
