package locale

import (
	"strings"

	"golang.org/x/text/language"
)

// maxWish bounds one wish in bytes: a longer one is no language tag that anybody uses.
const maxWish = 64

// Match finds the first of the wishes that this program can meet. A wish is a BCP 47 tag; whatever
// follows the language itself, such as region or script, changes nothing, so that "fr-CA" is French and
// "zh-Hant" is Chinese. ok is false where none is one of the six: English then.
//
// One language never stands in for another. The tables by which other programs give a reader of one
// language a text in the language of another State are not for a program of States.
func Match(wishes ...string) (l Language, ok bool) {
	for _, wish := range wishes {
		if l, ok := match(wish); ok {
			return l, true
		}
	}
	return English, false
}

func match(wish string) (Language, bool) {
	if len(wish) > maxWish {
		return English, false
	}
	tag, err := language.All.Parse(wish)
	if err != nil {
		return English, false
	}
	base, sure := tag.Base()
	if sure != language.Exact {
		return English, false
	}
	l, err := ParseLanguage(base.String())
	return l, err == nil
}

// FromEnvironment is the language that the environment of a process asks for: that of the first of
// LC_ALL, LC_MESSAGES and LANG that says anything, such as "fr_CA.UTF-8"; English where it is none of
// the six, also for "C" and "POSIX".
func FromEnvironment(get func(name string) string) Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := get(name); value != "" {
			l, _ := match(fromPOSIX(value))
			return l
		}
	}
	return English
}

// fromPOSIX makes a tag of language_REGION.encoding@modifier.
func fromPOSIX(locale string) string {
	if i := strings.IndexAny(locale, ".@"); i >= 0 {
		locale = locale[:i]
	}
	return strings.ReplaceAll(locale, "_", "-")
}
