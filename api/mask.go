package api

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// maxMask is how many fields a read mask may name.
const maxMask = 64

// fields are what a read mask names, field by field: an empty set below a name keeps all of it. The
// nil set keeps everything.
type fields map[string]fields

// readMask reads which fields of a message like of are asked for; a mask without paths asks for
// all. A path goes through single messages only, as google.protobuf.FieldMask says: what is
// repeated is named as a whole. It is REASON_BAD_REQUEST, with the number of the path, where one
// names no field. docs/protocol.md §12
func readMask(mask *fieldmaskpb.FieldMask, of proto.Message) (fields, error) {
	paths := mask.GetPaths()
	if len(paths) == 0 {
		return nil, nil
	}
	if len(paths) > maxMask {
		return nil, refuseField("read_mask", fmt.Sprintf("names %d fields, at most %d are taken", len(paths), maxMask))
	}
	only := fields{}
	for i, path := range paths {
		if !(&fieldmaskpb.FieldMask{Paths: []string{path}}).IsValid(of) {
			return nil, refuseField(fmt.Sprintf("read_mask.paths[%d]", i), "is no field of a "+string(of.ProtoReflect().Descriptor().Name()))
		}
		only.add(strings.Split(path, "."))
	}
	return only, nil
}

// add notes a path. Where a whole field is asked for as well as parts of it, the whole is given,
// in whichever order they stand.
func (f fields) add(path []string) {
	below, known := f[path[0]]
	switch {
	case len(path) == 1:
		f[path[0]] = fields{}
	case known && len(below) == 0: // the whole is asked for already
	case known:
		below.add(path[1:])
	default:
		below = fields{}
		below.add(path[1:])
		f[path[0]] = below
	}
}

// keep clears whatever was not asked for.
func (f fields) keep(m proto.Message) {
	if f != nil {
		f.prune(m.ProtoReflect())
	}
}

func (f fields) prune(m protoreflect.Message) {
	if !m.IsValid() {
		return
	}
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		below, asked := f[string(fd.Name())]
		switch {
		case !asked:
			m.Clear(fd)
		case len(below) > 0:
			below.prune(v.Message())
		}
		return true
	})
}
