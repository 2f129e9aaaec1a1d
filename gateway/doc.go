// Package gateway is the protocol core of Valise: both procedures of the appendix (I-1 to I-4,
// ), the life of a thread, delivery with its receipts and clocks, and who may do what.
//
// It is pure. Small machines on small values, (state, event) → (state, effects), decide
// everything; a thin driver loads their state from a transaction, steps them and writes it back,
// all in one transaction of the Store. What the machines know of time and chance is passed in,
// so that a test can live through thirty days in a second and replay every step.
//
// The package must never read a clock, make randomness, open a file or a connection, start a
// goroutine, or depend on the order of a map. It must never treat the relay's answer as delivery
// (docs/protocol.md §7.4), never accept anything twice, never send what is not durable here, and
// never put a State, a person, a thread or any text of a message in a log.
//
// # What is on disk
//
// The record holds Items, and these tables of the same store hold what the machines know. Keys
// and values are sealed by the store. An address in a key is followed by a zero byte; a channel
// is from, to, lane (1 byte), epoch (8 bytes); a pair is our address and the peer's; numbers are
// big-endian. A table marked "rows" is ordered by number within a group.
//
//	meta             name → epoch (newest first), batch ceiling, secret of the commitments, Standing, prune floor, CallState
//	message          sender, message id → place (thread, item, digest, outbox row, epoch)
//	digest           D → place
//	prefix           rows: "m", "t" or "c" and the first 4 bytes of an id, next 8 bytes → ids
//	outbox           rows: "" , ordinal → Outgoing, until a receipt covers it
//	slots            pair → 40 bytes, one bit a slot of the relay that is taken (§7.8)
//	out-channel      channel → OutboundChannel
//	out-number       rows: channel, number → D ‖ message id, for ever (Return, §7.6)
//	out-window       channel → the highest number that has got a slot
//	in-channel       channel → InboundChannel
//	in-number        rows: channel, number → D ‖ previous D ‖ item, for ever
//	in-epochs        pair → the peer's open epochs, oldest first, 8 bytes each (§7.6)
//	in-lives         pair, lane → PeerLives: the peer's epochs in the order of its lives (§7.6)
//	in-unreadable    pair → digests to be listed as unreadable, 32 bytes each (§7.3)
//	pair             pair → ordinal
//	pairs            rows: "", ordinal → pair
//	batch            pair → the newest ReceiptBatch of the peer
//	batch-epochs     pair → epochs of the peer whose batches are over, 8 bytes each
//	bundle           pair → the highest KeyBundle number that a KeyNotice brought
//	facts            D of a message of ours → DeliveryFact, the furthest
//	thread           thread id → Thread
//	thread-items     rows: thread id, item → nothing
//	thread-order     rows: "", last item → thread id
//	thread-out       rows: thread id, ordinal → message id of a row in outbox
//	thread-next      thread id, peer's epoch → the next thread sequence
//	thread-waiting   rows: thread id and epoch, thread sequence → item recorded, not yet shown in order
//	thread-late      rows: thread id, ordinal → item that had waited ‖ the last item when it was applied
//	thread-orphan    rows: pair, item that waits for an inquiry of an epoch before its own → thread id
//	thread-returned  rows: thread id, item of ours that came back before the inquiry → nothing
//	thread-stray     rows: thread id, item of ours that came back, or of the peer's that had been given up
//	                 and came → nothing, for ever
//	thread-reorder   rows: pair, first item of a thread that must be stepped anew → thread id
//	awaited          D of a peer's message that is not here, and that one of ours which came back had seen → thread id
//	early-ack        D of a message of ours that is not here, and was acknowledged → thread id
//	in-returned      rows: channel, number or 0 for all → when it was last given back unasked, Unix seconds
//	after-loss       item before which something was lost → 1
//	lives-back       rows: pair, when the oldest message of it that came back was made, Unix nanoseconds →
//	                 epoch of ours that this record has forgotten
//	batch-item       pair → item of the peer's newest receipt that changed something
//	batch-floor      pair → when the opening was made that ended epochs of batch-epochs, Unix nanoseconds
//	batch-made       pair → when the newest batch read was made, Unix nanoseconds
//	duty             rows: pair and DutyKind (1 byte), ordinal → Duty, until it is done
//	request          request id → SHA-256 of officer and request ‖ the answer given
//	quarantine       rows: "", item → nothing
//	relay            pair → the highest stream sequence a relay answered for the peer's mailbox
//	spent            peer → day by UTC ‖ items ‖ bytes that may be recorded of it without another
//	                 write of this row (§7.7)
//	uploads          rows: "", ordinal → Upload, a file that no message names yet (§6)
//	upload           officer, 0, SHA-256 → ordinal of a whole upload
//	upload-data      rows: id of the upload, part → bytes, until the part has its number
//	upload-uses      rows: id of the upload, part → how many messages wait for its bytes; none: one
//	attachment       D of the message, index → AttachmentRow
//	part             rows: D of the message and index, part → item that holds its bytes
//	part-queue       rows: pair, order → D and index of an attachment of ours with parts to number
//	part-ahead       rows: pair, outbox row of a message without receipt → its parts with a number
//	part-early       rows: pair, item → PartOf a message of the peer that has not come
//	notes            rows: "" or thread id, item → nothing
//	link-threads     rows: link, first 8 bytes of a thread id → ids that begin so, 16 bytes each
//	referred         D of a Referral that is not here → thread of the inquiry that takes it up
//	live             rows: "", first 8 bytes of a thread id → ids of threads that may still need somebody
//	calls            rows: "u", items of the record when it began to wait to be opened → ids of threads,
//	                 or 16 bytes of the SHA-256 of a question
//	                 "r" and "p", Unix second at which an estimate of ours comes to be at risk, and passes → ids
//	consent          rows: "a", item of a ConsentRequest that was sent or accepted → nothing
//	                 "m" and D of a message, item of a ConsentRequest about it → nothing
//	                 "d" and D of a request, item of a ConsentDecision on it → nothing
//	                 "e" and D of a decision, item of a ConsentWithdrawal of it → nothing
//	                 "r" and D of a message, item of a Retraction of it → nothing
//	pruned           thread id → Thread as it was, without what was said, when its contents were removed
//	checks           rows: "", item of a CheckFact that began a campaign → id of the campaign
//	campaign         id of a campaign → that item
//	checked          rows: address of a POC that we asked, that item → thread id
//	contacts         rows: address of a POC, item of a contact with it → nothing
//	held-mail        rows: "", item that holds it in quarantine → D ‖ pair, until a call-back (§8.5)
//	questions        rows: "", item → TrustFact: who speaks for a State, which waits for a person (§8.5)
//	told             a peer, number and SHA-256 of its list, or what became of our own entry → 1, once told (§8.3)
//	list-claim       peer → SplitEvidence: the newest list it named that is not known here yet (§8.3)
//	others           id of the directory of another body → item that last told of it
//	received-file    rows: SHA-256 of an attachment of a peer that is whole, item of its message → D ‖ index
//
// The bytes of an attachment are durable before the message that names them (P1). They lie in
// upload-data until a part gets its number; from then on in the item of the part, for ever. The
// tree covers them, and one backup of the store holds them. An item of a part belongs to no
// thread, so that who reads a thread reads no bytes of files.
//
// A receipt is due whenever a channel moved; that a batch left is not written down. After a
// start every pair that has received anything gets one batch, which harms nobody: batches are
// cumulative. docs/protocol.md §7.4
package gateway
