package console

import (
	"html/template"

	"google.golang.org/protobuf/reflect/protoreflect"

	valisev1 "valise.example/proto/valise/v1"
)

// column is a text in one language beside the same in another. A-7a-iv
type column struct {
	Name   template.HTML // what it is, and in which language
	Blocks []block
}

// Columns are the original and its translations; none where there is no translation.
func (a article) Columns() (all []column, err error) {
	p := preambleOf(a.MessageView)
	if len(p.GetTranslations()) == 0 {
		return nil, nil
	}
	s := a.sayer()
	all = append(all, column{a.headColumn(s.say(a.T.Reading.Original), p.GetLanguage()), s.original(saidOf(a.MessageView).ProtoReflect())})
	for _, t := range p.GetTranslations() {
		all = append(all, a.translation(s, t))
	}
	return shown(s, all)
}

func (a article) headColumn(what template.HTML, lang string) template.HTML {
	if lang == "" {
		return what
	}
	return what + " · " + tongue(lang)
}

// original are the fields of a message that its translations repeat.
func (s *sayer) original(said protoreflect.Message) (all []block) {
	for _, name := range []protoreflect.Name{"title", "narrative", "text"} {
		fd := said.Descriptor().Fields().ByName(name)
		if fd != nil && said.Has(fd) {
			b := s.field(fd, said.Get(fd))
			b.Label = s.label(name)
			all = append(all, b)
		}
	}
	return all
}

func (a article) translation(s *sayer, t *valisev1.Translation) column {
	what := s.say(a.T.Reading.Translation)
	if t.GetStatus() != valisev1.TranslationStatus_TRANSLATION_STATUS_UNSPECIFIED {
		what = s.enum(t.GetStatus().Descriptor(), t.GetStatus().Number())
	}
	inIts := *s
	inIts.lang = t.GetLanguage()
	blocks := inIts.walk(t.ProtoReflect(), fieldNames{"language": true, "status": true})
	s.err = inIts.err
	return column{a.headColumn(what, t.GetLanguage()), blocks}
}
