package console

import (
	"maps"
	"strings"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// originator fills in who asks and how to reach them: as it was said before at this desk, else as our own
// entry in the directory says it. Nothing is asked twice. I-1
func (v *visit) originator(w *writing) error {
	if before := v.c.writings.remembered(w.ours); before != nil {
		maps.Copy(w.values, before)
		return nil
	}
	list, err := v.c.door.directory.ListContacts(v.ctx(), &valisev1.ListContactsRequest{State: v.c.state.String()})
	if err != nil {
		return err
	}
	for _, c := range list.GetContacts() {
		if c.GetAddress() == w.ours {
			v.introduce(w, c.GetPointOfContact())
		}
	}
	return nil
}

func (v *visit) introduce(w *writing, p *valisev1.PointOfContact) {
	entity := inLanguage(p.GetEntity(), v.language)
	name := p.GetName()
	if shown := v.c.officer.GetShownAs(); shown != "" {
		name = shown
	}
	if name == "" {
		name = entity
	}
	for key, value := range map[string]string{
		"name": name, "affiliation": entity, "designation": inLanguage(p.GetDesignation(), v.language), "hours": p.GetHours(),
		"phone": first(p.GetTelephones()), "email": first(p.GetEmails()),
	} {
		w.values["originator."+key] = value
	}
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// inLanguage is a text of an entry in a language, else in English, else as it stands first.
func inLanguage(texts []*valisev1.LocalText, l locale.Language) string {
	for _, code := range []string{l.String(), "en"} {
		for _, t := range texts {
			if t.GetLanguage() == code {
				return t.GetText()
			}
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return texts[0].GetText()
}

// remember keeps who asked from one of our desks, for the next time.
func (s *writings) remember(w *writing) {
	who := map[string]string{}
	for key, value := range w.values {
		if strings.HasPrefix(key, "originator.") {
			who[key] = value
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.askers == nil {
		s.askers = map[string]map[string]string{}
	}
	s.askers[w.ours] = who
}

// remembered is who asked last from one of our desks; nil for nobody.
func (s *writings) remembered(ours string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.askers[ours]
}
