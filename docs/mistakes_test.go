package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mistake is one thing that a diplomat or the officer of a CERT would find wrong or naive in a
// program like this one, and what keeps it out.
type mistake struct {
	number int
	what   string
	// held names tests: a file and a function in it, or a script and words that stand in it.
	held [][2]string
	// open says what of it is not built yet.
	open string
}

const scripts = "cmd/valise/testdata/script/"

// mistakes has a row for each, so that none comes back with a later change. A row without a test
// says what is missing.
var mistakes = []mistake{
	{1, "a machine's receipt shown as agreement, or as a person's acknowledgement (A-10 s4)", [][2]string{
		{"gateway/reading_test.go", "TestFactsAreByOurOwnClock"}, {"proto/notes/notes_test.go", "TestWhichKindsCarryWhichNote"}, {scripts + "exchange.txtar", "acknowledged"}}, ""},
	{2, "words that accuse (A-10 s5)", [][2]string{{"docs/text_test.go", "TestWordsNeverUsed"}}, ""},
	{3, "States scored, ranked or named in figures", [][2]string{{"docs/mistakes_test.go", "TestTheContractJudgesNobody"}, {"relay/home_test.go", "TestLogHoldsNoNames"}}, ""},
	{4, "facts that must be given, answers by themselves, calls over the peer's head (A-3, A-10b)", [][2]string{
		{"api/draft/absent_test.go", "TestAbsentFacts"}, {"gateway/thread_test.go", "TestOverdueIsLocal"}}, ""},
	{5, "a field for who did it, or a guess at it", [][2]string{{"docs/mistakes_test.go", "TestTheContractJudgesNobody"}}, ""},
	{6, "real States, teams or events in examples", [][2]string{{"docs/text_test.go", "TestNoRealState"}, {"docs/text_test.go", "TestNoRealAddress"}, {"exercise/lab/lab_test.go", "TestNewRefuses"}}, ""},
	{7, "taken for the directory of the United Nations (A-7)", [][2]string{
		{scripts + "help.txtar", "It is not the directory of the United Nations"}, {"docs/text_test.go", "TestWordsNeverUsed"}, {"docs/imports_test.go", "TestImportTable"}}, ""},
	{8, "\"country\" for State", [][2]string{{"docs/text_test.go", "TestAStateIsNoCountry"}}, ""},
	{9, "a duty made of what is voluntary (A-10 s2)", [][2]string{{"gateway/thread_test.go", "TestAdvice"}, {"proto/notes/notes_test.go", "TestPublishedTextsNeverChange"}}, ""},
	{10, "a time limit shown as the peer's duty", [][2]string{{"gateway/thread_test.go", "TestEstimates"}, {"gateway/thread_test.go", "TestOverdueIsLocal"}}, ""},
	{11, "one log-in a State, no second person, no reference of one's own", [][2]string{
		{"api/services_test.go", "TestOfficers"}, {"gateway/clearance_test.go", "TestFourEyes"}, {"gateway/acts_test.go", "TestWhatTheNodeAddsToAMessage"},
		{"gateway/notes_test.go", "TestNotesByTrack"}}, ""},
	{12, "English only; a translation shown as the text", [][2]string{{"proto/notes/notes_test.go", "TestEveryNoteIsThereInSixLanguages"}, {"api/draft/roundtrip_test.go", "TestRoundTrip"}}, "pages in six languages"},
	{13, "one inbox for both tracks (A-9 s2)", [][2]string{{"gateway/acts_test.go", "TestInquiriesThatAreRefused"}, {"gateway/receive_test.go", "TestThreadBelongsToOnePair"},
		{scripts + "athome.txtar", "--kind coordination"}, {scripts + "refer.txtar", "WRONG_TRACK"}, {"gateway/referral_test.go", "TestAReferralIsTakenUp"}}, ""},
	{14, "no way to log a call (I-1)", [][2]string{{"gateway/acts_test.go", "TestContactLog"}}, ""},
	{15, "a thread that closes by itself", [][2]string{{"gateway/thread_test.go", "TestThreadStates"}, {"gateway/absence_test.go", "TestPeerAwayForThirtyDays"}}, ""},
	{16, "silence taken for an error (A-10 s1)", [][2]string{{"gateway/thread_test.go", "TestOverdueIsLocal"}}, ""},
	{17, "a holding reply that needs a form (R-2)", [][2]string{{scripts + "exchange.txtar", "valise inquiry hold"}, {"api/draft/estimate_test.go", "TestPlainText"}}, ""},
	{18, "the peer's reference lost in a reply", [][2]string{{"gateway/acts_test.go", "TestWhatTheNodeAddsToAMessage"}}, ""},
	{19, "times without a zone", [][2]string{{"api/draft/estimate_test.go", "TestEstimates"}, {"api/draft/bad_test.go", "TestBadDrafts"}}, ""},
	{20, "entries without hours, a date to look at them again, or who nominated (A-7)", [][2]string{{"directory/facts_test.go", "TestTemplateWithEveryExample"}, {"directory/sequence_test.go", "TestShow"}}, ""},
	{21, "a label that lets clients of a CERT read on (A-11 s2)", [][2]string{{"gateway/acts_test.go", "TestWhatTheNodeAddsToAMessage"}, {"api/draft/example_test.go", "TLP:AMBER+STRICT"}}, ""},
	{22, "labels translated, in small letters, or invented", [][2]string{
		{"api/draft/bad_test.go", "TestBadDrafts"}, {"api/draft/indicators/indicators_test.go", "TestLabels"}, {"api/draft/iodef/build_test.go", "TestFull"}}, ""},
	{23, "a label taken for a classification", [][2]string{{scripts + "checkpage.txtar", "Not for classified information"}, {"gateway/node/config_test.go", "TestConfigFormatIsTheInverseOfParse"}}, ""},
	{24, "consent as a box to tick (A-11 s2)", [][2]string{
		{"gateway/consent_test.go", "TestFoldGrantsOnlyAPlainYes"}, {"gateway/export_test.go", "TestExportToAThirdPartyNeedsAConsentThatHolds"}, {scripts + "consent.txtar", "has not consented"}}, ""},
	{25, "a retraction that is believed to delete", [][2]string{{"gateway/retract_test.go", "TestRetractAfterItLeft"}}, ""},
	{26, "attachments that are opened, parsed or shown", [][2]string{{"gateway/attachmentharm_test.go", "TestHostileParts"}, {"gateway/attachmentharm_test.go", "TestNamesOfAPeerAreMadeSafe"},
		{"docs/imports_test.go", "TestImportTableBites"}, {scripts + "indicators.txtar", "cmp received.json case/event.json"}}, ""},
	{27, "names of persons and of those affected in the narrative, without need", [][2]string{{scripts + "help.txtar", "Leave out names of persons"}}, ""},
	{28, "a record that can be changed unseen, or that its owner cannot read (A-11 s3)", [][2]string{
		{"store/tamper_test.go", "TestVerifyNamesEveryTampering"}, {"gateway/node/backup_test.go", "TestBackupUnderLoad"},
		{"gateway/prune_test.go", "TestWhatTheRuleKeeps"}, {"gateway/sim/sim_test.go", "TestPrunedSeeds"}, {scripts + "prune.txtar", "record verify"}}, ""},
	{29, "encryption taken for proof of origin", [][2]string{{"seal/sign_test.go", "TestVerifyRefuses"}, {"seal/sign_test.go", "TestEveryPairOfPlaces"}, {"gateway/receive_test.go", "TestQuarantine"}}, ""},
	{30, "a relay, log or size that tells who writes to whom", [][2]string{
		{"relay/memory_test.go", "TestMemoryShowsItsOperatorNoMoreThanARelay"}, {"relay/config_test.go", "TestAllowListsAreExact"}, {scripts + "canary.txtar", "canary"}}, ""},
	{31, "a key believed at first sight, or changed without a call", [][2]string{{"directory/trust_test.go", "TestFirstImportNeedsTrust"}, {"directory/book_test.go", "TestChangedRootWaitsForConfirmation"}, {"gateway/callback_test.go", "TestWhatIsNoCallBack"}, {scripts + "callback.txtar", "what is no call-back"}}, ""},
	{32, "of no use while the relay is down", [][2]string{{"gateway/node/story_test.go", "TestSentWhileTheOtherIsOff"}, {"gateway/absence_test.go", "TestWipedRelay"}}, ""},
	{33, "an exercise that reaches a real desk", [][2]string{{"proto/ident/ident_test.go", "TestRealmAdmits"}, {"seal/header_test.go", "TestExerciseKindsStayInExercises"}, {"gateway/node/home_test.go", "TestInitRefusesAStateOfTheOtherRealm"},
		{"api/briefing/briefing_test.go", "TestLabel"}}, ""},
	{34, "a check that only proves a machine is up (A-8)", [][2]string{{"gateway/check_test.go", "TestManagerChecksEverybody"}, {"gateway/followup_test.go", "TestAnsweredByTelephone"}}, ""},
	{35, "checks that answer themselves (A-8)", [][2]string{{"gateway/check_test.go", "TestNothingAnswersByItself"}, {"gateway/check_test.go", "TestChecksThatAreRefused"}}, ""},
	{36, "an administrator or a relay's operator who reads content", [][2]string{{"api/roles_test.go", "TestRoles"}, {"relay/look_test.go", "TestPeek"}, {"store/canary_test.go", "TestNothingOfTheContentStandsInTheFile"}}, ""},
	{37, "an old inquiry that comes again as a new one", [][2]string{{"gateway/receive_test.go", "TestDuplicates"}, {"gateway/loss_test.go", "TestOldMailAfterTheOpening"}}, ""},
}

// TestEveryMistakeIsHeld: each row names tests that are there, or says what is not built.
func TestEveryMistakeIsHeld(t *testing.T) {
	for i, m := range mistakes {
		if m.number != i+1 || m.what == "" || len(m.held) == 0 && m.open == "" {
			t.Errorf("row %d says nothing: %+v", i+1, m)
		}
		for _, h := range m.held {
			if problem := notHeld(h[0], h[1]); problem != "" {
				t.Errorf("mistake %d, %s: %s", m.number, m.what, problem)
			}
		}
	}
	if len(mistakes) != 37 {
		t.Errorf("%d rows, want 37", len(mistakes))
	}
	if notHeld("docs/mistakes_test.go", "TestThatNobodyWrote") == "" || notHeld("docs/none_test.go", "TestX") == "" {
		t.Error("a test that does not exist holds nothing")
	}
}

func notHeld(file, name string) string {
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		return "there is no " + file
	}
	wanted := name
	if strings.HasPrefix(name, "Test") {
		wanted = "\nfunc " + name + "("
	}
	if !strings.Contains(string(b), wanted) {
		return fmt.Sprintf("%s has no %s", file, name)
	}
	return ""
}

// judging are names of fields by which a program would say who did it, or how well a State did.
var judging = regexp.MustCompile(`(^|_)(attribut\w*|actor|culprit|perpetrator|blame|guilt\w*|threat|score|rank\w*|rating|grade|league|late)(_|$)`)

// TestTheContractJudgesNobody: no field of any message says who is behind an incident, or measures
// a State. A-10 s5
func TestTheContractJudgesNobody(t *testing.T) {
	fields := 0
	for _, s := range sources(t, func(p string) bool { return strings.HasPrefix(p, "proto/valise/") && strings.HasSuffix(p, ".proto") }) {
		s.lines(func(number int, line string) {
			m := protoField.FindStringSubmatch(line)
			if m == nil {
				return
			}
			if fields++; judging.MatchString(m[1]) {
				t.Errorf("%s:%d: the field %s judges", s.path, number, m[1])
			}
		})
	}
	if fields < 300 {
		t.Errorf("only %d fields are found", fields)
	}
	for _, name := range []string{"attributed_to", "actor", "threat_actor", "response_score", "rank"} {
		if !judging.MatchString(name) {
			t.Errorf("%s would pass", name)
		}
	}
	if slices.ContainsFunc([]string{"translated_from", "template", "related"}, judging.MatchString) {
		t.Error("an innocent name does not pass")
	}
}
