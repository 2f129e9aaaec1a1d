package gateway

import (
	"crypto/sha256"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/mutant"
)

// maxRequestID bounds what a caller may make us keep for ever.
const maxRequestID = 128

// request is an act that may be asked for twice and is done once. docs/protocol.md §10
type request struct {
	id   string
	hash [32]byte
}

// newRequest binds an id to the officer, the act and its whole body. An empty id is bound to
// nothing: then asking twice is two acts.
func newRequest(op string, a Actor, id string, body proto.Message) (request, error) {
	if len(id) > maxRequestID || !isText(id) {
		return request{}, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a request id is at most %d bytes of text", maxRequestID)
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(body)
	if err != nil {
		return request{}, &Error{Reason: valisev1.Reason_REASON_BAD_TEXT, Err: err, Detail: "the request holds text that is not UTF-8"}
	}
	h := sha256.New()
	for _, part := range []string{op, a.Name} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	h.Write(b)
	return request{id: id, hash: [32]byte(h.Sum(nil))}, nil
}

// answered fills in the answer that the same request got before. The same id with another body or
// by another officer is a conflict, for ever.
func (w *work) answered(r request, answer proto.Message) (bool, error) {
	if r.id == "" || mutant.Is("retry-as-new") {
		return false, nil
	}
	b, err := w.tx.Get(tableRequest, []byte(r.id))
	if err != nil || b == nil {
		return false, err
	}
	if len(b) < len(r.hash) {
		return false, damaged("an answered request cannot be read")
	}
	if [32]byte(b[:32]) != r.hash {
		return false, refuse(valisev1.Reason_REASON_REQUEST_ID_CONFLICT, "this request id belongs to another request")
	}
	return true, unmarshalOwn(b[32:], answer)
}

// answer keeps the answer for ever, in the same transaction as the act.
func (w *work) answer(r request, answer proto.Message) error {
	if r.id == "" {
		return nil
	}
	b, err := proto.Marshal(answer)
	if err != nil {
		return err
	}
	return w.tx.Put(tableRequest, []byte(r.id), append(r.hash[:], b...))
}

// once runs an act unless its request was answered before; then answer holds what it got.
func (w *work) once(r request, answer proto.Message, act func() error) error {
	proto.Reset(answer)
	if done, err := w.answered(r, answer); done || err != nil {
		return err
	}
	if err := act(); err != nil {
		return err
	}
	return w.answer(r, answer)
}
