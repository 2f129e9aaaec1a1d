package console

import (
	"net/http"
	"strings"
)

// page answers one request of an officer who is inside.
type page func(v *visit) error

// table is every page by its method and path. What changes anything is a POST.
var table = map[string]page{
	"GET {$}":                                    (*visit).home,
	"GET " + WatchPath:                           (*visit).home,
	"GET thread/{thread}":                        (*visit).thread,
	"POST thread/{thread}/open":                  (*visit).open,
	"POST thread/{thread}/acknowledge":           (*visit).acknowledge,
	"GET thread/{thread}/sent/{message}":         (*visit).sent,
	"POST thread/{thread}/undo/{message}":        (*visit).undo,
	"GET thread/{thread}/file/{message}/{index}": (*visit).file,
	"GET contacts":                               (*visit).contacts,
	"GET contacts/{state}":                       (*visit).contact,
	"POST contacts/{state}/log":                  (*visit).logContact,
	"GET contacts/{state}/check":                 (*visit).askCheck,
	"POST contacts/{state}/check":                (*visit).startCheck,
	"GET contacts/{state}/follow":                (*visit).askFollowUp,
	"POST contacts/{state}/follow":               (*visit).followUp,
	"POST contacts/{state}/called/sure":          (*visit).rootSure,
	"POST contacts/{state}/called":               (*visit).confirmRoot,
	"POST contacts/{state}/settle/sure":          (*visit).settleSure,
	"POST contacts/{state}/settle":               (*visit).settle,
	"GET record":                                 (*visit).record,
	"POST record/verify":                         (*visit).verify,
	"GET record/item/{item}":                     (*visit).item,
	"GET record/export":                          (*visit).exportSure,
	"POST record/export":                         (*visit).export,
	"GET record/consents":                        (*visit).consents,
	"GET ours":                                   (*visit).ours,
	"GET ours/thread/{thread}":                   (*visit).oursOfThread,
	"POST ours/note":                             (*visit).addNote,
	"POST ours/over":                             (*visit).addNote,
	"POST ours/thread/{thread}/link":             (*visit).linkThread,
	"POST ours/thread/{thread}/unlink":           (*visit).linkThread,
	"POST real-event":                            (*visit).raise,
	"GET real-event":                             (*visit).realEvent,
	"GET injects":                                (*visit).injects,
	"GET inject/{inject}":                        (*visit).inject,
	"GET node":                                   (*visit).node,
	"GET node/report":                            (*visit).nodeReport,
	"GET help":                                   (*visit).help,
	"GET thread/{thread}/print":                  (*visit).print,
	"GET record/paper":                           (*visit).paperForm,
	"POST record/paper":                          (*visit).checkPaper,
	"POST language/{language}":                   (*visit).speak,
	"POST leave":                                 (*visit).leave,
	"POST thread/{thread}/write/{form}":          (*visit).write,
	"POST thread/{thread}/revise/{message}":      (*visit).revise,
	"POST thread/{thread}/clear/{message}":       (*visit).clearMessage,
	"POST thread/{thread}/return/{message}":      (*visit).sendBack,
	"GET draft/{draft}":                          (*visit).form,
	"POST draft/{draft}":                         (*visit).save,
	"GET draft/{draft}/check":                    (*visit).check,
	"POST draft/{draft}/send":                    (*visit).send,
	"POST draft/{draft}/discard":                 (*visit).discard,
	"GET draft/{draft}/files":                    (*visit).files,
	"POST draft/{draft}/attach":                  (*visit).attach,
	"POST draft/{draft}/detach":                  (*visit).detach,
	"GET new":                                    (*visit).newInquiry,
	"GET new/notice":                             (*visit).newNotice,
	"POST new/{form}":                            (*visit).beginNew,
	"POST thread/{thread}/begin":                 (*visit).beginThere,
	"GET draft/{draft}/to":                       (*visit).whomTo,
	"POST draft/{draft}/to":                      (*visit).changeTo,
	"GET draft/{draft}/step/{step}":              (*visit).step,
	"POST draft/{draft}/step/{step}":             (*visit).saveStep,
	"GET draft/{draft}/paste":                    (*visit).paste,
	"POST draft/{draft}/paste":                   (*visit).takePaste,
	"GET draft/{draft}/sent":                     (*visit).sentToEach,
	"POST draft/{draft}/undo":                    (*visit).undoEach,
}

// routes leads each request to its page.
func (c *Console) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+c.shell.base+"static/{file}", Static)
	mux.HandleFunc("GET "+c.shell.base+"enter/{token}", c.shell.Enter(c.linkUsed))
	mux.HandleFunc("GET "+c.shell.base+"static/sheet/{file}", Sheet(c.realm.Name()))
	for pattern, answer := range table {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+c.shell.base+path, func(w http.ResponseWriter, r *http.Request) { c.answer(w, r, answer) })
	}
	mux.HandleFunc(c.shell.base, func(w http.ResponseWriter, r *http.Request) { c.answer(w, r, (*visit).noPage) })
	return mux
}

// answer lets in whoever has the cookie of the session, and tells what went wrong.
func (c *Console) answer(w http.ResponseWriter, r *http.Request, answer page) {
	stands, language := c.shell.admit(r)
	v := c.visit(w, r, language, c.cfg.Present())
	if stands != inside {
		if stands == stranger {
			v.speakAs(c.shell.wished(r))
		}
		if r.Method == http.MethodPost {
			w.Header().Set("Connection", "close") // a form of a stranger is not waited for
		}
		v.kept = stands == lapsed && v.keep()
		v.outside(stands)
		return
	}
	c.shell.LookAgain(w, r)
	if err := answer(v); err != nil {
		v.tell(err)
	}
}
