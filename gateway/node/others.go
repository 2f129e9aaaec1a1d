package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"

	"valise.example/api"
	"valise.example/api/others"
	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// othersKept keeps what officers imported of directories of other bodies. It is for people: nothing of
// this node but the answers to ListOthers and CompareOthers is made of it. A-12
type othersKept struct {
	mu sync.Mutex
	// list and unreadable are what the folder holds, once it was read: only this process writes it.
	read       bool
	list       []*valisev1.OtherDirectory
	unreadable []string
}

// otherKeeper fills api.OtherKeeper.
type otherKeeper struct{ node *Node }

var _ api.OtherKeeper = otherKeeper{}

// load reads the folder unless that was done.
func (k *othersKept) load(h *Home) error {
	if k.read {
		return nil
	}
	list, unreadable, err := others.ReadFolder(h.dir, h.config.Realm)
	if err != nil {
		return err
	}
	k.read, k.list, k.unreadable = true, list, unreadable
	return nil
}

// nameOf is what a directory that is kept is called; empty where none of this id is. One whose file is
// damaged is known by its id alone.
func (k *othersKept) nameOf(id string) string {
	if i := slices.IndexFunc(k.list, func(d *valisev1.OtherDirectory) bool { return d.GetId() == id }); i >= 0 {
		return k.list[i].GetName()
	}
	if slices.Contains(k.unreadable, id) {
		return id
	}
	return ""
}

// ImportOther records who imported the directory of another body, and keeps it. After a crash in between
// it is not there, and the officer imports it once more. A-12
func (k otherKeeper) ImportOther(ctx context.Context, a gateway.Actor, r *valisev1.ImportOtherRequest) (*valisev1.ImportOtherResponse, error) {
	kept, home := &k.node.others, k.node.home
	if err := others.Check(r.GetDirectory(), home.config.Realm); err != nil {
		return nil, err
	}
	kept.mu.Lock()
	defer kept.mu.Unlock()
	if err := kept.load(home); err != nil {
		return nil, err
	}
	if id := r.GetDirectory().GetId(); kept.nameOf(id) == "" && len(kept.list)+len(kept.unreadable) >= others.MostKept {
		return nil, &Fault{Why: valisev1.Reason_REASON_BAD_IMPORT, Detail: "as many directories of other bodies are kept as may be: remove one first"}
	}
	out, newest, err := k.node.Gateway().ImportOther(ctx, a, r)
	if err != nil || !newest {
		return out, err
	}
	d := proto.CloneOf(r.GetDirectory())
	source := out.GetDirectory().GetSource()
	d.Realm, d.Item, d.Imported, d.Officer = string(home.config.Realm), out.GetItem(), source.GetImported(), source.GetOfficer()
	b, err := others.Encode(d)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(home.dir, others.Folder)
	if err := makeFolder(folder); err != nil {
		return nil, err
	}
	kept.read = false
	return out, WriteDurably(filepath.Join(folder, others.FileName(d.GetId())), b)
}

// RemoveOther records who removed the directory of another body, and removes it. After a crash in between it
// is still there, and the officer removes it once more. A-12
func (k otherKeeper) RemoveOther(ctx context.Context, a gateway.Actor, r *valisev1.RemoveOtherRequest) (*valisev1.RemoveOtherResponse, error) {
	kept, home := &k.node.others, k.node.home
	kept.mu.Lock()
	defer kept.mu.Unlock()
	if err := kept.load(home); err != nil {
		return nil, err
	}
	name := kept.nameOf(r.GetId())
	out, newest, err := k.node.Gateway().RemoveOther(ctx, a, r, name)
	if err != nil || !newest || name == "" {
		return out, err
	}
	kept.read = false
	folder := filepath.Join(home.dir, others.Folder)
	if err := os.Remove(filepath.Join(folder, others.FileName(r.GetId()))); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return out, syncFolder(folder)
}

// Others lists what is kept of directories of other bodies. A-12
func (k otherKeeper) Others(context.Context) (*valisev1.ListOthersResponse, error) {
	kept := &k.node.others
	kept.mu.Lock()
	defer kept.mu.Unlock()
	if err := kept.load(k.node.home); err != nil {
		return nil, err
	}
	out := &valisev1.ListOthersResponse{Unreadable: kept.unreadable}
	for _, d := range kept.list {
		out.Directories = append(out.Directories, others.Summary(d))
	}
	return out, nil
}

// CompareOthers says what directories of other bodies have of a State, beside its entry in force. A-12a, A-12b
func (k otherKeeper) CompareOthers(_ context.Context, state ident.State) (*valisev1.CompareOthersResponse, error) {
	kept := &k.node.others
	kept.mu.Lock()
	defer kept.mu.Unlock()
	if err := kept.load(k.node.home); err != nil {
		return nil, err
	}
	entry, _ := k.node.book.Snapshot().Entry(state)
	out := others.Compare(kept.list, k.node.config.State, state, entry)
	out.Unreadable = kept.unreadable
	return out, nil
}
