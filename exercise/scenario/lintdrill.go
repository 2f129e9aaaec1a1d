package scenario

import (
	"regexp"
	"strings"
	"sync"
)

// The words by which each language says that something is no drill. A text in one language may quote another, so
// each is looked for everywhere. Hawaii, 13 January 2018: "this is not a drill" in a drill's tape. It is read when it
// is first needed: every command starts with all that its program reads at once.
var noDrill = sync.OnceValue(func() *regexp.Regexp {
	en := `(?:drills?|exercises?|tests?|simulations?|rehearsals?|training)`
	fr := `(?:exercices?|simulations?|simulacres?|entrainements?|tests?)`
	es := `(?:simulacros?|ejercicios?|pruebas?|simulacion(?:es)?|ensayos?)`
	ru := `(?:учени[ейя]\pL*|учебн\pL+|тренировк\pL+|упражнени\pL+|проверк\pL+|симуляци\pL+|имитаци\pL+)`
	ar := `(?:ال)?(?:تمرين|تدريب|مناور|اختبار|تجرب|محاكا)\pL*`
	zh := `(?:演[习習练練]|[训訓][练練]|[测測][试試]|模[拟擬]|彩排)`
	return regexp.MustCompile("(?m)" + strings.Join([]string{
		`\b(?:not|isnt|aint|never|neither|wasnt)(?: (?:just|only|really|actually|merely|simply))?(?: (?:an|a|any|some|the|part of an?|part of the)) ` + en + `\b`,
		`\b(?:this|it|that)s?(?: (?:is|was))?(?: (?:just|really|actually))? (?:not|no) ` + en + `\b`, `\b(?:isnt|not) ` + en + `$`,
		`\bno (?:drills?|exercises?|simulations?|rehearsals?)\b`,
		`\bno longer an? ` + en + `\b`, `\b(?:this|it) is (?:the )?real(?: thing| deal| life)?\b(?: event| attack| incident| emergency)?`, `\bthis is for real\b`,
		`\b(?:pas|ni|aucun(?:e)?|plus)(?: (?:d|de|un|une|l|du|dun|dune|des))* (?:d|l)?` + fr + `\b`, `\bnest (?:en rien|nullement) (?:un|une) ` + fr + `\b`, `\bcest (?:bien )?reel\b`,
		`\bno (?:es|se trata de|son|estamos ante|fue|era)(?: (?:un|una|ningun|ninguna|el|la))? ` + es + `\b`, `\besto es real\b`,
		`(?:^|[^\pL])не(?: (?:просто|является|являются|есть|какие то))* ` + ru, `(?:^|[^\pL])это (?:уже )?(?:по настоящему|реальн\pL+ (?:атак|событи|тревог|инцидент|угроз|ситуаци))`,
		`(?:ليس|ليست|ليسا|لسنا في|لا يعد|ما هو|ما هي|ليس هناك|غير)(?: (?:هذا|هذه|ب|مجرد|ب?مجرد))* ?ب?` + ar, `(?:هذا|هذه|الأمر) (?:حقيقي|حقيقية|واقعي)(?:[^\pL]|$)`,
		`(?:不是|并非|並非|绝非|絕非|非|不属于|不屬於|不算)(?:一[次场場个個])?(?:普通|例行|单纯|任何)?(?:的)?` + zh, `这是真的|這是真的|真实事件不是|这不是假的`,
	}, "|"))
})

var (
	marks  = strings.NewReplacer("'", "", "é", "e", "è", "e", "ê", "e", "î", "i", "ó", "o", "ú", "u", "í", "i", "á", "a", "ñ", "n", "ё", "е", "0", "o", "1", "i", "3", "e", "$", "s", "@", "a", "-", " ")
	inWord = regexp.MustCompile(`(\pL)!(\pL)`)
	blanks = regexp.MustCompile(`[^\pL\pN]+`)
)

// drill: a drill's text that says it is none is taken at its word by whoever hears only that.
func (l *linter) drill(s said) {
	if says := noDrill().FindString(folded(s.text)); says != "" {
		l.fault(NotADrill, s.path, "say it otherwise: whoever hears only this takes the exercise for reality", "says that this is no exercise: %s", quoted(strings.TrimSpace(says)))
	}
}

// folded takes away by what people write one phrase in many ways. A phrase does not cross from one sentence into
// the next.
func folded(text string) string {
	var out []string
	for sentence := range strings.FieldsFuncSeq(strings.ReplaceAll(text, "\n", " "), func(r rune) bool { return strings.ContainsRune(".?;:。？；：؟؛", r) }) {
		out = append(out, strings.TrimSpace(blanks.ReplaceAllString(marks.Replace(inWord.ReplaceAllString(strings.ToLower(sentence), "${1}i${2}")), " ")))
	}
	return strings.Join(out, "\n")
}
