package scenario_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"valise.example/exercise/scenario"
)

// spoken gives the codes for a scenario in all six languages whose first inject says text in one of them.
func spoken(t *testing.T, language, text string) (codes []scenario.Code, all []scenario.Finding) {
	t.Helper()
	file := change(t, small(t), `text = { en = "Traffic goes to 203.0.113.44." }`, "text = { en = \"Read this.\", "+language+" = "+strconv.Quote(text)+" }")
	if language == "en" { // so that each character is told by its number
		file = change(t, small(t), `"Traffic goes to 203.0.113.44."`, strings.ReplaceAll(strconv.QuoteToASCII(text), `\x`, `\u00`))
	}
	_, found := scenario.Check("small", []byte(file))
	for _, f := range found {
		if f.Code != scenario.ExtraText {
			codes = append(codes, f.Code)
			all = append(all, f)
			if want := lineOf(file, "\ntext = { en") + 1; f.Line != want {
				t.Errorf("%s stands on line %d, want %d", f.Code, f.Line, want)
			}
		}
	}
	return codes, all
}

func TestWordsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		code     scenario.Code
		language string
		texts    []string
	}{
		{scenario.NotADrill, "en", []string{
			"This is not a drill.", "THIS IS NOT A DRILL", "this is NOT a\ndrill!", "This is n0t a dr1ll", "It isn’t an exercise", "no drill", "this is not just an exercise",
			"This\u200b is not\u00a0a drill", "This is the real thing", "not a test", "Not part of an exercise", "this is no longer an exercise", "n\u200bot a drill", "It is not-a-drill", "This not drill now", "Attention, not exercise", "This is for real",
		}},
		{scenario.NotADrill, "fr", []string{"Ceci n'est pas un exercice.", "CECI N’EST PAS UN EXERCICE", "Il ne s'agit pas d'un exercice", "ce n'est plus une simulation", "pas d’entraînement", "ce n’est nullement un exercice", "c’est bien réel"}},
		{scenario.NotADrill, "es", []string{"Esto no es un simulacro", "no se trata de un ejercicio", "¡NO ES UN SIMULACRO!", "no es ningún ensayo", "no es una simulación", "esto es real"}},
		{scenario.NotADrill, "ru", []string{"Это не учения", "Это не учебная тревога!", "ЭТО НЕ УЧЕБНАЯ ТРЕВОГА", "это не просто учение", "не является учением", "Не тренировка", "Это уже реальная атака", "Это по-настоящему"}},
		{scenario.NotADrill, "ar", []string{"هذا ليس تمرينا", "هذا ليس تدريباً", "هذه ليست مناورة", "ليس هذا تمريناً", "ليس مجرد تمرين", "هذا ليس بتمرين", "هذا ليس تـمرينا", "هذا لَيْسَ تَمْرِينًا", "هذا حقيقي"}},
		{scenario.NotADrill, "zh", []string{"这不是演习", "这不是一次演练。", "并非演习", "這不是演習", "非演习", "这不是测试", "这是真的"}},
		{scenario.RealState, "en", []string{"FRANCE is silent", "ask Sweden about it", "Write to N" + "O/technical", "the Democratic… United Kingdom", "Korea? South Korea!", "Ｆｒａｎｃｅ"}},
		{scenario.RealState, "fr", []string{"la Suède et l'Allemagne", "aux États-Unis"}},
		{scenario.RealState, "es", []string{"de España", "Estados Unidos"}},
		{scenario.RealState, "ru", []string{"во Франции", "из Китая", "Германией", "в Соединенные Штаты", "на Украине", "в Соединенных Штатах", "в Новой Зеландии"}},
		{scenario.RealState, "ar", []string{"في فرنسا", "وفرنسا", "لليابان", "الولايات المتحدة"}},
		{scenario.RealState, "zh", []string{"法国的医院", "来自德国"}},
		{scenario.RoutableHost, "en", []string{"8.8.8.8", "10.0.0.1", "203.0.112.44", "2a00:1450::1", "8.8.8[.]8", "::ffff:8.8.8.8", "127.0.0.1", "fe80::1", "８.8.8.8"}},
		{scenario.LiveDomain, "en", []string{
			"pay.com", "http://pay.com/x", "hxxp://desk.corp/x", "see www.birch.gov", "pay[.]com", "pay(dot)com", "Cert.Birch.Org", "例子.中国", "xn--fiqs8s.cn", "news.co.uk", "https://x.sh", "example.com", "pay。com",
		}},
		{scenario.RealMail, "en", []string{"desk@cert" + ".org", "desk [at] cert.org", "desk@intranet", "desk[@]cert[.]org"}},
		{scenario.HiddenText, "en", []string{"a\u202eb", "a\u2066b", "a\u200bb", "a\u200fb", "a\ufeffb", "a\U000e0041b", "a\u2028b", "a\u00adb", "a\ufe0fb", "a\ue000b", "a\u3164b"}},
		{scenario.Secret, "en", []string{"-----BEGIN PRIVATE KEY-----", "AGE-SECRET-KEY-1QQQ", "password: hunter2hunter2", "AKIAIOSFODNN7EXAMPLE", "пароль: весна2030"}},
	} {
		for _, text := range c.texts {
			codes, found := spoken(t, c.language, text)
			if !slices.Contains(codes, c.code) {
				t.Errorf("%q in %s: want %s, got %+v", text, c.language, c.code, found)
			}
		}
	}
}

// TestWordsThatAreNot: what an organiser needs to write is let through.
func TestWordsThatAreNot(t *testing.T) {
	for language, texts := range map[string][]string{
		"en": {
			"This is an exercise.", "The exercise is not over.", "We did not test the backup. A drill follows.", "It is 06:40:12 UTC.", "Version 2.10 of backup.zip and readme.md; run fix.sh",
			"Logs show 203.0.113.44, 192.0.2.1, 198.51.100.7, ::ffff:203.0.113.44, 3fff::1 and 2001:db8::44.", "pay.example, https://desk.cert.example/a, desk@cert.example", "Stop. The second line.", "A/78/265, annex A.",
			"XA/technical writes to QM/technical", "e.g. the wards", "china cups and a united front", "The United Nations report", "No test results yet? Exercise caution", "T+01:08:25", "the password is changed every week",
		},
		"fr": {"C'est un exercice.", "L'exercice n'est pas terminé.", "le 5 mars, à 5 h 30 TU"},
		"es": {"Es un ejercicio.", "El ejercicio no ha terminado."},
		"ru": {"Это учения.", "Учения не закончены.", "Проверка не проведена.", "Это реальная возможность.", "Кто из них прав"},
		"ar": {"هذا تمرين.", "التمرين لم ينته بعد.", "وحدة الاستخبارات المالية"},
		"zh": {"这是演习。", "演习尚未结束。", "请在三小时内答复"},
	} {
		for _, text := range texts {
			if codes, found := spoken(t, language, text); len(codes) > 0 {
				t.Errorf("%q in %s: got %+v", text, language, found)
			}
		}
	}
}

// TestAWordThatIsAlsoAName is for the writer to judge.
func TestAWordThatIsAlsoAName(t *testing.T) {
	for language, text := range map[string]string{"ar": "دعم مالي", "ru": "Того не ждали", "en": "Jordan calls"} {
		_, found := spoken(t, language, text)
		if len(found) != 1 || found[0].Code != scenario.RealState || found[0].Severity != scenario.Warning {
			t.Errorf("%q: got %+v", text, found)
		}
	}
}

// TestEveryTextIsLookedAt: also names, sources and what only control reads.
func TestEveryTextIsLookedAt(t *testing.T) {
	for _, from := range []string{`"Small"`, `"Answer"`, `"A-10 s3"`, `"Alder"`, `"asks"`, `"hospital"`, `"Nobody has written."`, `"The next shift."`, `"tone"`} {
		_, found := scenario.Check("small", []byte(change(t, small(t), from, `"Not a drill"`)))
		if len(found) != 1 || found[0].Code != scenario.NotADrill || found[0].Line == 0 {
			t.Errorf("in the place of %s: got %+v", from, found)
		}
	}
	for from, to := range map[string]string{`"Alder"`: `"Sweden"`, `"PEBBLE"`: `"SWEDEN"`, `"A-10 s3"`: `"what Suède asked for"`} {
		if _, found := scenario.Check("small", []byte(change(t, small(t), from, to))); len(found) != 1 || found[0].Code != scenario.RealState {
			t.Errorf("%s in the place of %s: %+v", to, from, found)
		}
	}
}
