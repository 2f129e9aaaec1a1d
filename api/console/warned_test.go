package console

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// nodeShown is the page of the node for a reader of l.
func nodeShown(t *testing.T, l locale.Language, s *valisev1.GetStatusResponse) string {
	t.Helper()
	v := reader(t, l)
	v.status = s
	if err := v.node(); err != nil {
		t.Fatal(err)
	}
	return v.w.(*httptest.ResponseRecorder).Body.String()
}

func warns(w valisev1.Warning, arguments ...*valisev1.WarningArgument) *valisev1.StandingWarning {
	return &valisev1.StandingWarning{Warning: w, Text: "the node's own English", Arguments: arguments}
}

// TestWarningsInTheLanguageOfTheReader: every value of the contract that takes no argument, in every language,
// and none of it in the English of the node.
func TestWarningsInTheLanguageOfTheReader(t *testing.T) {
	day := &valisev1.WarningArgument{Name: "day", Value: &valisev1.WarningArgument_Day{Day: timestamppb.New(readAt.Add(73 * time.Hour))}}
	status := &valisev1.GetStatusResponse{Now: timestamppb.New(readAt), Link: &valisev1.Link{Up: true}, Standing: []*valisev1.StandingWarning{
		warns(valisev1.Warning_WARNING_SEALING_KEY_ENDS, day),
		warns(valisev1.Warning_WARNING_SPLIT_VIEW, &valisev1.WarningArgument{Name: "peer", Value: &valisev1.WarningArgument_Named{Named: "XC/<b>technical"}}),
	}}
	for value := range valisev1.Warning_name {
		text, known := locale.Named(locale.Of(locale.English).Told().Warning, locale.WarningName(valisev1.Warning(value)))
		if known && !strings.Contains(text.String(), "{") {
			status.Standing = append(status.Standing, warns(valisev1.Warning(value)))
		}
	}
	for l, says := range map[locale.Language]string{
		locale.English: "in 3 days, and no newer one was made",
		locale.French:  `le <time datetime="2026-05-15T10:00:00Z"><bdi>15</bdi> mai <bdi>2026</bdi></time>, dans 3 jours, et aucune clé plus récente`,
		locale.Spanish: "en 3 días y no se ha hecho ninguna más reciente", locale.Russian: "через 3 дня, а более нового нет",
		locale.Chinese: "还有 3 天 到期", locale.Arabic: "بعد 3 أيام ولم ينشأ مفتاح أحدث",
	} {
		page := nodeShown(t, l, status)
		if strings.Contains(page, "own English") || !strings.Contains(page, says) {
			t.Errorf("%s: the page does not say %q", l, says)
		}
		if strings.Contains(page, `<p lang="en"`) {
			t.Errorf("%s: a warning is said to be in English", l)
		}
		if strings.Contains(page, ">"+readAt.Add(73*time.Hour).Format(time.DateOnly)) {
			t.Errorf("%s: the day is written as at a terminal", l)
		}
		if !strings.Contains(page, `<bdi>XC/&lt;b&gt;technical</bdi>`) {
			t.Errorf("%s: the name of a peer does not stand for itself", l)
		}
		if got := strings.Count(page, `<span class="grade bad">`); got < 6 {
			t.Errorf("%s: %d lines need somebody now", l, got)
		}
	}
}

// TestWarningsOfANewerNode are in its English, which is marked as such and said to be; for a reader of English
// they are only words.
func TestWarningsOfANewerNode(t *testing.T) {
	for name, status := range map[string]*valisev1.GetStatusResponse{
		"a later value": {Standing: []*valisev1.StandingWarning{{Warning: 9999, Text: "the moon is <i>full</i>"}}},
		"no value":      {Warnings: []string{"the moon is <i>full</i>"}},
	} {
		status.Link, status.Now = &valisev1.Link{Up: true}, timestamppb.New(readAt)
		said := `the moon is &lt;i&gt;full&lt;/i&gt;`
		arabic, english := nodeShown(t, locale.Arabic, status), nodeShown(t, locale.English, status)
		if !strings.Contains(arabic, `<p lang="en" dir="ltr"><bdi>`+said) || !strings.Contains(arabic, locale.Of(locale.Arabic).Page().Node.InEnglish.String()) {
			t.Errorf("%s: not marked as English", name)
		}
		if !strings.Contains(english, said) || strings.Contains(english, `<p lang="en"`) || strings.Contains(english, "sentences are in English") {
			t.Errorf("%s: marked for whoever reads English", name)
		}
	}
}

// TestTheBarSaysWhyTheRelayIsNotConnected on every page of the desk.
func TestTheBarSaysWhyTheRelayIsNotConnected(t *testing.T) {
	page := nodeShown(t, locale.French, &valisev1.GetStatusResponse{Now: timestamppb.New(readAt), Link: &valisev1.Link{
		Since: timestamppb.New(readAt), Standing: []*valisev1.StandingWarning{warns(valisev1.Warning_WARNING_RELAY_NOT_ADMITTED)},
	}})
	if !strings.Contains(page, `<p class="why">le relais n’admet pas cette clé de connexion`) {
		t.Error("the bar does not say why")
	}
}

// TestTheReportNamesWarningsAndNobody: whoever supports the node reads which they are, and of whom not.
func TestTheReportNamesWarningsAndNobody(t *testing.T) {
	peer := &valisev1.WarningArgument{Name: "peer", Value: &valisev1.WarningArgument_Named{Named: "XC/technical"}}
	report := reportOf(&valisev1.GetStatusResponse{Warnings: []string{"XC/technical was shown another list"}, Standing: []*valisev1.StandingWarning{
		warns(valisev1.Warning_WARNING_SPLIT_VIEW, peer), warns(valisev1.Warning_WARNING_NO_DIRECTORY), warns(valisev1.Warning_WARNING_SPLIT_VIEW, peer),
	}})
	if !strings.HasSuffix(report, "warning_no_directory = 1\nwarning_split_view = 2\n") || strings.Contains(report, "XC") {
		t.Error(report)
	}
}
