package console_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/api/console"
	valisev1 "valise.example/proto/valise/v1"
)

var followLink = regexp.MustCompile(`href="([^"]*contacts/XB/follow\?[^"]*)"`)

// TestCheckIsFollowedUp: a person answers that the entry needs change; the officer reads that on the contact, logs
// whom of the State's authorities they spoke with, and how it ended. What is missing is said beside its field, and
// the other State hears nothing of it. A-8 s3
func TestCheckIsFollowedUp(t *testing.T) {
	s := newStage(t, "XA", "XB")
	desk := s.opened(t, "XA", "en")
	desk.get("contacts")
	desk.sees("No communication check of everybody was begun here")
	desk.get("contacts/XB/check")
	desk.press("/check", "to", "XB/technical")
	desk.sees("Begun by <bdi>lab</bdi>", "/thread/")
	desk.seesNot("contacts/XB/follow", "Earlier ones")
	begun, err := valisev1.NewDirectoryServiceClient(s.dial(t, "XA")).ListChecks(t.Context(), &valisev1.ListChecksRequest{})
	if err != nil {
		t.Fatal(err)
	}
	campaign := begun.GetCampaigns()[0].GetCampaign()
	desk.get("contacts/XB/follow?address=XB/technical&campaign=" + campaign)
	if desk.sees("This was not done"); desk.status != http.StatusUnprocessableEntity {
		t.Errorf("before its time has passed the answer is %d", desk.status)
	}
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "/thread/")
	thread := regexp.MustCompile(`/thread/([0-9a-f]{32})"`).FindStringSubmatch(birch.page)[1]
	birch.says(thread, "ping", "entry_correct", "false", "text", "The number "+hostile+" has changed.")

	desk.until("contacts/XB", "The entry needs change")
	desk.sees("has changed.", "A person replied")
	desk.seesNot("<script")
	link := html.UnescapeString(followLink.FindStringSubmatch(desk.page)[1])
	desk.get(link)
	desk.press("/follow", "person", "", "at", "yesterday", "note", "Called the ministry.", "outcome", "UNRESOLVED", "means", "EMAIL")
	desk.sees(`role="alert"`, `href="#follow-person"`, `id="person-wrong"`, `aria-describedby="at-wrong"`, `href="#follow-at"`,
		`value="yesterday"`, "Called the ministry.", `value="EMAIL" selected`, `value="UNRESOLVED" selected`)
	if desk.status != http.StatusUnprocessableEntity {
		t.Errorf("what is missing is answered with %d", desk.status)
	}
	desk.press("/follow", "person", hostile, "at", "2031-01-02T03:04", "detail", "+99900000666", "note", "They will look.", "outcome", "", "means", "CALL")
	desk.sees("Contacts with its authorities", "&lt;script&gt;", "3:04", "+99900000666", "The directory does not name it", "They will look.", "It goes on")
	clearer := s.opened(t, "XA", "zh", s.as(t, "XA", "osei", valisev1.Role_ROLE_CLEARER))
	clearer.get("contacts/XB")
	clearer.sees("They will look.", "与其主管部门的联系")
	clearer.seesNot("/follow")
	desk.press("contacts/XB/log", "address", "XB/technical", "means", "CALL", "person", "N. Oduya") // another form of the page still works
	desk.get(html.UnescapeString(followLink.FindStringSubmatch(desk.page)[1]))
	desk.press("/follow", "person", "N. Oduya", "outcome", "ENTRY_UPDATED", "means", "MEETING")
	desk.sees("The entry was updated or confirmed.", "Meeting in person")
	desk.seesNot("contacts/XB/follow", "<script")

	birch.get("thread/" + thread)
	birch.seesNot("They will look.")
	for _, wrong := range []string{"address=XB/diplomatic&campaign=" + campaign, "address=XB/technical&campaign=" + someAct, ""} {
		if desk.get("contacts/XB/follow?" + wrong); desk.status != http.StatusNotFound {
			t.Errorf("%q is answered with %d", wrong, desk.status)
		}
	}
}

// TestCheckOfLongAgo: one whose time has passed may be followed up, what came before it is listed without a verdict, and
// an answer by telephone names the number and whether the entry had it.
func TestCheckOfLongAgo(t *testing.T) {
	s := newStage(t, "XA", "XB")
	desk := s.opened(t, "XA", "en", func(c *console.Config) {
		c.Conn = bent{c.Conn, func(_ string, reply proto.Message) error {
			r, ok := reply.(*valisev1.GetCheckResponse)
			if !ok {
				return nil
			}
			for _, check := range r.GetChecks() {
				check.State, check.EntryNumber = valisev1.CheckState_CHECK_STATE_NO_REPLY, 7
				check.Check.Answer, check.Check.Way, check.Check.WaySource = valisev1.CheckAnswer_CHECK_ANSWER_ENTRY_CORRECT, "+99900000002", valisev1.ContactSource_CONTACT_SOURCE_REGISTERED
				for state := range valisev1.CheckState_name {
					check.History = append(check.History, &valisev1.PastCheck{Started: r.GetCampaign().GetStarted(), State: valisev1.CheckState(state)})
				}
			}
			return nil
		}}
	})
	desk.get("contacts/XB/check")
	desk.press("/check", "to", "XB/technical")
	desk.sees("That is no verdict", "Earlier ones", "Its time has not passed.", "A person replied.", "Taken back before it left.",
		"entry <bdi>7</bdi> is in force now", "The entry is right", "<bdi>+99900000002</bdi> The directory names it", "contacts/XB/follow?")
	desk.get(html.UnescapeString(followLink.FindStringSubmatch(desk.page)[1]))
	desk.sees("Follow up with the authorities", "That is no verdict")
	desk.press("/follow", "person", "N. Oduya")
	desk.sees("This was not done") // the node itself knows that its time has not passed
}

// TestOtherDirectories: what another body says stands on the contact with where it is from, where it differs from the
// entry and which way it suggests; nothing there is a link, and a file that is damaged is named. A-12
func TestOtherDirectories(t *testing.T) {
	s := newStage(t, "XA", "XB")
	hash := make([]byte, 32)
	hash[0] = 0xab
	_, err := valisev1.NewDirectoryServiceClient(s.dial(t, "XA")).ImportOther(t.Context(), &valisev1.ImportOtherRequest{Directory: &valisev1.OtherDirectory{
		Id: "rof", Name: "Regional <i>F</i>", Agreed: "decision 4 " + hostile, Members: []string{"XA", "XB"}, TableHash: hash, MappingHash: hash,
		Contacts: []*valisev1.OtherContact{
			{Row: 2, State: "XB", Track: "technical", Label: "CERT " + hostile, Entity: "CERT of Birch", Institution: "Ministry", Name: "A. Birch", Designation: "Head",
				Telephones: []string{"+99900000666"}, Emails: []string{"desk@birch.example"}, Languages: []string{"en"}, Hours: "always", Notes: "call first"},
			{Row: 3, State: "XC", Entity: "Desk of XC"},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	desk := s.opened(t, "XA", "en")
	desk.get("contacts/XB")
	desk.sees("What other directories say", "Nobody has signed this", "From <bdi>Regional &lt;i&gt;F&lt;/i&gt;</bdi>, row <bdi>2</bdi>, imported by <bdi>lab</bdi>", "ab00 0000",
		"CERT &lt;script&gt;", "Ministry", "A. Birch", "<dd><bdi>Head</bdi></dd>", "desk@birch.example", "always", "call first",
		"warning: telephone differs: <bdi>XB/technical</bdi> says <bdi>+99900000002</bdi>, <bdi>Regional &lt;i&gt;F&lt;/i&gt;</bdi>, row <bdi>2</bdi> says <bdi>+99900000666</bdi>",
		"suggestion: ", "; you choose", "its contact is <bdi>technical, CERT &lt;script&gt;alert(1)&lt;/script&gt;, CERT of Birch, A. Birch, +99900000666, desk@birch.example</bdi>")
	desk.seesNot("<script", "<i>", `href="tel:+99900000666"`, "mailto:", "Desk of XC")
	desk.get("contacts")
	desk.sees("What other bodies keep", "decision 4 &lt;script&gt;", "Used here by this agreement", "States of the body", "<dd>2</dd>", "imported by <bdi>lab</bdi>", "ab00 0000")
	desk.seesNot("<script", "CERT of Birch")
	for tongue, says := range map[string]string{"ar": "اقتراح", "fr": "à vous de choisir", "zh": "建议", "ru": "выбор за вами", "es": "usted decide"} {
		other := s.opened(t, "XA", tongue)
		other.get("contacts/XB")
		other.sees(says, "ab00 0000")
	}
	damaged := s.opened(t, "XA", "en", func(c *console.Config) {
		c.Conn = bent{c.Conn, func(_ string, reply proto.Message) error {
			switch r := reply.(type) {
			case *valisev1.CompareOthersResponse:
				proto.Reset(r)
				r.Unreadable = []string{"rof"}
			case *valisev1.ListOthersResponse:
				r.Unreadable = []string{"sub"}
			}
			return nil
		}}
	})
	damaged.get("contacts/XB")
	damaged.sees("The file of <bdi>rof</bdi> is damaged")
	damaged.get("contacts")
	damaged.sees("The file of <bdi>sub</bdi> is damaged")
}

// TestNobodyChecksThemselves: the page of our own State offers no communication check of it and tells of none; whoever
// asks for one all the same is told why it does not begin. A-8
func TestNobodyChecksThemselves(t *testing.T) {
	s := newStage(t, "XA", "XB")
	desk := s.opened(t, "XA", "en")
	desk.get("contacts/XB")
	desk.sees("contacts/XB/check", "Last communication check")
	desk.get("contacts/XA")
	desk.sees("Alder")
	desk.seesNot("/check\"", "Last communication check")
	if desk.get("contacts/XA/check"); desk.status != http.StatusNotFound {
		t.Errorf("the page of a check of ourselves is answered with %d", desk.status)
	}
	desk.post("contacts/XA/check", url.Values{"act": {someAct}, "to": {"XA/technical"}})
	if desk.sees("a State does not check itself"); desk.status != http.StatusUnprocessableEntity {
		t.Errorf("a check of ourselves is answered with %d", desk.status)
	}
}

// TestTextTakesItsRoomInBytes: whatever a page lets a person write the node takes, in any script; what is too long comes
// back at its field with all that was typed, and says in bytes how much of it has to go.
func TestTextTakesItsRoomInBytes(t *testing.T) {
	s := newStage(t, "XA", "XB")
	desk := s.opened(t, "XA", "en")
	for script, letter := range map[string]string{"Latin": "a", "Arabic": "ع", "Chinese": "问", "an emblem": "🜍"} {
		full := func(most int) string { return strings.Repeat(letter, most/len(letter)) }
		desk.get("contacts/XB")
		desk.sees("Room for <bdi>300</bdi> bytes")
		desk.seesNot(`name="person" maxlength`)
		long := full(300) + letter
		desk.press("contacts/XB/log", "address", "XB/technical", "means", "CALL", "person", long, "detail", "+99900000666", "note", "Kept.", "result", "")
		over := fmt.Sprintf("to be taken out: <bdi>%d</bdi>", len(long)-300)
		desk.sees(`role="alert"`, `href="#log-person"`, `id="log-person-fault"`, over, `value="`+long+`"`, "Kept.")
		desk.press("contacts/XB/log", "address", "XB/technical", "means", "CALL", "result", "", "person", full(300), "note", full(20_000))
		if desk.seesNot(`role="alert"`); desk.status != http.StatusOK {
			t.Errorf("what fits in %s is answered with %d", script, desk.status)
		}
		desk.get("ours")
		desk.press("ours/note", "type", "COORDINATION", "text", full(20_000)+letter)
		desk.sees(`role="alert"`, `href="#note-text"`, `id="note-wrong"`, `value="COORDINATION" selected`, full(20_000)+letter+"</textarea>")
		desk.press("ours/note", "type", "COORDINATION", "text", full(20_000))
		if desk.seesNot(`role="alert"`); desk.status != http.StatusOK {
			t.Errorf("a note that fits in %s is answered with %d", script, desk.status)
		}
	}
}
