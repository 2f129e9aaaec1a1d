package docs_test

import (
	"slices"
	"testing"
)

// badInput is one kind of hostile input at a node's own edges, by the numbers of reliability.md
// section 5, and the tests that show what refuses it.
type badInput struct {
	number int
	what   string
	held   [][2]string // as in mistakes
	open   string
}

// atTheEdges has the rows for configuration and command line (56 to 66) and for gRPC (81 to 89).
var atTheEdges = []badInput{
	{56, "aliases, merge keys and tags of YAML, octal numbers, no for Norway", [][2]string{{"gateway/node/config_test.go", "Norway is no boolean"}, {"api/draft/bad_test.go", "TestBadDrafts"}}, ""},
	{57, "an unknown key", [][2]string{{scripts + "badinput.txtar", "# 57"}, {"gateway/node/config_test.go", "TestConfigRefusesWhatItDoesNotUnderstand"}}, ""},
	{58, "files outside the folder", [][2]string{{scripts + "badinput.txtar", "# 58"}}, ""},
	{59, "keys and configuration that others read or write", [][2]string{{scripts + "badinput.txtar", "# 59"}, {scripts + "door.txtar", "A key that others can read is no secret"}}, ""},
	{60, "secrets on the command line", [][2]string{{scripts + "badinput.txtar", "# 60"}, {"cmd/valise/everyverb_test.go", "TestNoFlagTakesASecret"}}, ""},
	{61, "names like flags, NUL, a megabyte, no UTF-8", [][2]string{{scripts + "badinput.txtar", "# 61"}, {"cmd/valise/everyverb_test.go", "TestEveryVerbRefusesHostileArguments"}}, ""},
	{62, "two processes on one home", [][2]string{{scripts + "badinput.txtar", "# 62"}}, ""},
	{63, "a home that cannot be written", [][2]string{{scripts + "badinput.txtar", "# 63"}}, ""},
	{64, "a relative home and another working folder", [][2]string{{scripts + "badinput.txtar", "# 64"}, {"api/socket_test.go", "TestLongAndRelativePaths"}}, ""},
	{65, "loops in a scenario", [][2]string{{"exercise/scenario/bad_test.go", "65"}, {"exercise/scenario/lint_test.go", "TestLintEnds"}}, ""},
	{66, "listening without TLS and log-in", [][2]string{{"gateway/node/config_test.go", "a door without TLS"}, {"api/tcp_test.go", "TestStrangersOverTCP"}, {"exercise/lab/lab_test.go", "TestNewRefuses"}}, ""},
	{81, "no or a wrong credential", [][2]string{{"api/roles_test.go", "TestWithoutCredential"}, {"api/tcp_test.go", "TestStrangersOverTCP"}, {"api/tcp_test.go", "TestWhoCallsOverTCP"}}, ""},
	{82, "a role that may not", [][2]string{{"api/roles_test.go", "TestRoles"}, {"api/roles_test.go", "TestTheCoreKeepsTheSameRoles"}, {"gateway/node/admin_test.go", "TestAnAdministratorReadsNothing"}, {"api/tcp_test.go", "TestARemovedOfficerHearsNoMore"}}, ""},
	{83, "messages and metadata that are too large", [][2]string{{"api/services_test.go", "TestSizes"}, {"api/tcp_test.go", "TestMetadataOverTCP"}}, ""},
	{84, "a bomb under compression", [][2]string{{"api/services_test.go", "TestCompressedBomb"}, {"api/services_test.go", "TestDoorBringsNoExtras"}}, ""},
	{85, "10,000 streams, rapid reset, floods of pings, handshakes that are held open, slow readers", [][2]string{
		{"api/flood_test.go", "TestFloodsOverTCP"}, {"api/flood_test.go", "TestHeldHandshakes"}, {"api/flood_test.go", "TestASlowReaderHoldsUpNobody"},
		{"api/crowd_test.go", "TestAFloodMakesRoomForOthers"}, {"api/tcp_test.go", "TestCallsOverTCPAreBounded"}, {"api/socket_test.go", "TestConnectionsAreBounded"}}, ""},
	{86, "a time that is over, a caller who hangs up in a commit", [][2]string{{"api/services_test.go", "TestDeadlineAlreadyPast"}, {"api/services_test.go", "TestCancelMidCommit"}}, ""},
	{87, "reflection", [][2]string{{"api/services_test.go", "TestReflectionIsOff"}}, ""},
	{88, "one request id for two acts", [][2]string{{"api/services_test.go", "TestRequestIDs"}, {"api/requestid_test.go", "TestEveryActHasItsRequestID"}}, ""},
	{89, "the socket of another user", [][2]string{{"api/socket_test.go", "TestPeerCredentials"}, {"api/socket_test.go", "TestListenUnix"}, {"api/socket_test.go", "TestNoTokenForStrangers"}}, ""},
}

// atTheDesk has the rows for the desk (67 to 78).
var atTheDesk = []badInput{
	{67, "a form of another site, of another program of this machine, of nobody", [][2]string{{desk + "attack_test.go", "67 a form of another site"}, {desk + "attack_test.go", "67 an origin that is hidden"}}, ""},
	{68, "a name that is made to lead to this machine, whole addresses", [][2]string{{desk + "attack_test.go", "68 a name that was made to lead here"}, {desk + "attack_test.go", "68 a whole address of another"}}, ""},
	{69, "the desk in a frame of another site", [][2]string{{desk + "attack_test.go", "69 in a frame of another site"}}, ""},
	{70, "a page that changes something when it is looked at", [][2]string{{desk + "unchanged_test.go", "TestGetChangesNothing"}}, ""},
	{71, "the secret of a link in addresses and logs", [][2]string{{desk + "session_test.go", "TestLinkOnce"}, {scripts + "console.txtar", "no secret, stands in the log"}}, ""},
	{72, "guessed links, a cookie from before, two browsers, sessions without end", [][2]string{{desk + "session_test.go", "TestGuesses"}, {desk + "session_test.go", "TestCookie"}, {desk + "session_test.go", "TestSecondSession"}, {desk + "session_test.go", "TestSessionsEnd"}}, ""},
	{73, "a thousand connections that say half of what they want", [][2]string{{desk + "crowd_test.go", "TestHalfOpen"}, {desk + "crowd_test.go", "TestStrangersBody"}, {desk + "peer_linux_test.go", "TestOwnUser"}}, ""},
	{74, "heads of 64 KiB and of 10,000 fields, two lengths, chunks", [][2]string{{desk + "attack_test.go", "74 a head of 64 KiB"}, {desk + "attack_test.go", "74 a length beside chunks"}}, ""},
	{75, "a form of 10⁵ parts, and types that are no form", [][2]string{{desk + "attack_test.go", "TestManyParts"}, {desk + "attack_test.go", "75 a type that a page can send unasked"}}, ""},
	{76, "ranges", [][2]string{{desk + "attack_test.go", "a range of it"}}, ""},
	{77, "paths that are written to lead elsewhere", [][2]string{{desk + "attack_test.go", "77 coded twice"}, {desk + "attack_test.go", "77 a backslash"}}, ""},
	{78, "WebSockets and events for another site", [][2]string{{desk + "attack_test.go", "78 a WebSocket of another site"}, {desk + "attack_test.go", "78 events for another site"}}, ""},
}

const desk = "api/console/"

// inTexts has the rows for texts, names and files (32 to 44).
var inTexts = []badInput{
	{32, "overrides and isolates in a title, a name, the name of a file", [][2]string{
		{"api/draft/bad_test.go", "bidi override in a title"}, {"api/check_test.go", "bidi override"}, {"proto/ident/filename_test.go", "TestFileNamesThatWantMore"},
		{"api/draft/shown_test.go", "TestShown"}, {"api/draft/indicators/indicators_test.go", "TestHostileText"}}, ""},
	{33, "zero width, tag and variation characters", [][2]string{
		{"api/draft/bad_test.go", "zero width in a name"}, {"api/draft/bad_test.go", "tag characters in a title"}, {"api/draft/shown_test.go", "variation selectors in a row"}}, ""},
	{34, "letters that look like those of a State or POC", [][2]string{
		{"proto/ident/ident_test.go", "TestAddressRefusesWhatIsNotCanonical"}, {"api/check_test.go", "recipient that looks like another"}, {"seal/header_test.go", "to with look-alike letters"}}, ""},
	{35, "one name in two forms of Unicode", [][2]string{{"api/draft/bad_test.go", "one name twice"}, {"proto/ident/ident_test.go", "TestAddressRefusesWhatIsNotCanonical"}}, ""},
	{36, "control characters and sequences of a terminal", [][2]string{
		{"api/draft/bad_test.go", "escape sequence"}, {"gateway/payload_test.go", "an escape sequence"}, {"api/draft/shown_test.go", "link of the terminal"}, {"cmd/valise/program_test.go", "TestArgumentsNoCallerPasses"}}, ""},
	{37, "line ends in a title", [][2]string{{"api/draft/bad_test.go", "header injection"}, {"gateway/payload_test.go", "a carriage return"}}, ""},
	{38, "markup and scripts", [][2]string{
		{"gateway/payload_test.go", "markup and formulas are data"}, {"api/briefing/briefing_test.go", "TestNothingThatAPeerWroteIsObeyed"}, {"api/draft/bad_test.go", "a script as media type"}}, ""},
	{39, "a line of 1 MiB, 10,000 marks on a letter", [][2]string{
		{"api/draft/bad_test.go", "line of 1 MiB"}, {"api/draft/bad_test.go", "combining marks"}, {"gateway/payload_test.go", "10,000 marks on a letter"}, {"api/draft/shown_test.go", "a line of 1 MiB"}}, ""},
	{40, "names of files that lead elsewhere, links, pipes, devices", [][2]string{
		{"api/draft/bad_test.go", "TestAttachmentNames"}, {"gateway/attachmentharm_test.go", "TestNamesOfAPeerAreMadeSafe"}, {"proto/ident/filename_test.go", "TestFileNamesThatWantMore"},
		{scripts + "attachment.txtar", "# 40"}}, ""},
	{41, "bombs under compression", [][2]string{{"docs/imports_test.go", "TestNothingIsUnpacked"}, {scripts + "attachment.txtar", "# 41"}}, ""},
	{42, "files that are not what they say", [][2]string{{scripts + "indicators.txtar", "what it is not, it may say"}, {"api/draft/indicators/indicators_test.go", "TestBadFiles"}}, ""},
	{43, "10,000 attachments", [][2]string{{"api/draft/bad_test.go", "10,000 attachments"}, {"gateway/attachmentharm_test.go", "TestTooManyFiles"}}, ""},
	{44, "formulas in a table", [][2]string{{"cmd/valise/exportwriters_test.go", "TestACellIsNoFormula"}, {"api/draft/indicators/indicators_test.go", "formula"}}, ""},
}

// inDirectories has the rows for directory files (45 to 55). The script has a running node refuse them by file
// and by relay, with a restart between; TestAttacksByFile opens the book anew after each.
var inDirectories = []badInput{
	{45, "an older list", [][2]string{{scripts + "directoryattacks.txtar", "# 45"}, {"directory/attack_test.go", "list/rollback"}, {"directory/attack_test.go", "TestAttacksByFile"}}, ""},
	{46, "another list of the same number", [][2]string{{scripts + "directoryattacks.txtar", "# 46"}, {"directory/attack_test.go", "list/same number, other content"}, {scripts + "splitview.txtar", "EQUIVOCATION"}, {"directory/quorumattack_test.go", "EQUIVOCATION"}}, ""},
	{47, "a list past its date", [][2]string{{scripts + "directoryattacks.txtar", "# 47"}, {"gateway/payload_test.go", "stale list"}}, ""},
	{48, "numbers of the far future", [][2]string{{scripts + "directoryattacks.txtar", "# 48"}, {"directory/attack_test.go", "list/fast forward to the end"}, {"directory/trust_test.go", "TestFirstListOfTheFarFuture"}, {"directory/attack_test.go", "list/entry far ahead"}}, ""},
	{49, "one key counted twice, a threshold of 0", [][2]string{{scripts + "directoryattacks.txtar", "# 49"}, {"directory/attack_test.go", "set/list of two, one signs twice"}, {"directory/attack_test.go", "set/one key listed twice"}, {"directory/attack_test.go", "set/threshold 0"}}, ""},
	{50, "managers or a root replaced without those before", [][2]string{{scripts + "directoryattacks.txtar", "# 50"}, {"directory/attack_test.go", "set/not signed by the old one"}, {"directory/trust_test.go", "TestTheWholeQuorumCannotChangeKeysUnseen"}, {scripts + "callback.txtar", "key_changed.0 XB"}}, ""},
	{51, "a State that was removed", [][2]string{{scripts + "directoryattacks.txtar", "# 51"}, {"directory/attack_test.go", "list/a removed State reappears"}, {"directory/book_test.go", "TestReturningStateWithAnotherRootIsNotReachable"}}, ""},
	{52, "one key or mailbox for two States", [][2]string{{scripts + "directoryattacks.txtar", "# 52"}, {"directory/attackparts_test.go", "entry/key of another State"}, {"directory/trust_test.go", "another's mailbox"}, {"directory/attack_test.go", "list/one root for two States"}}, ""},
	{53, "fields that stand twice, data at the end", [][2]string{{scripts + "directoryattacks.txtar", "# 53"}, {"directory/attack_test.go", "list/a field twice"}, {"directory/attack_test.go", "list/trailing data"}}, ""},
	{54, "parts of two versions", [][2]string{{scripts + "directoryattacks.txtar", "# 54"}, {"directory/attackparts_test.go", "entry/of an earlier version"}, {"directory/attack_test.go", "list/of another manager set"}}, ""},
	{55, "a validity of nothing, or less", [][2]string{{scripts + "directoryattacks.txtar", "# 55"}, {"directory/attack_test.go", "list/no validity"}, {"directory/attack_test.go", "list/negative validity"}, {"directory/trust_test.go", "46 days"}}, ""},
}

// TestBadInputAtTheEdges: each row names tests that exist, or says what is not built.
func TestBadInputAtTheEdges(t *testing.T) {
	seen := map[int]bool{}
	for _, b := range slices.Concat(inTexts, inDirectories, atTheEdges, atTheDesk) {
		if seen[b.number] || b.what == "" || (len(b.held) == 0) == (b.open == "") {
			t.Errorf("row %d stands twice, or is held by nothing and does not say why", b.number)
		}
		seen[b.number] = true
		for _, h := range b.held {
			if problem := notHeld(h[0], h[1]); problem != "" {
				t.Errorf("row %d, %s: %s", b.number, b.what, problem)
			}
		}
	}
	for _, span := range [][2]int{{32, 78}, {81, 89}} {
		for n := span[0]; n <= span[1]; n++ {
			if !seen[n] {
				t.Errorf("there is no row for %d", n)
			}
		}
	}
}
