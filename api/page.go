package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"

	"google.golang.org/protobuf/proto"
)

// Sizes of a list. The contract's comments say the same.
const (
	defaultPage = 100
	maxPage     = 500
)

const (
	pageVersion = 1
	pageSum     = 12
	maxPlace    = 512
)

// paged is a request that asks for one page of a list.
type paged interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// pageSize is the number of elements to give: 100 when none is named, never more than 500.
func pageSize(r paged) (int32, error) {
	switch n := r.GetPageSize(); {
	case n < 0:
		return 0, refuseField("page_size", "is below zero")
	case n == 0:
		return defaultPage, nil
	default:
		return min(n, maxPage), nil
	}
}

// sealPage wraps the place where the next page begins. The token goes on only in the same list
// with the same filters: a place means nothing elsewhere. It is no secret and needs no key,
// since what it leads to is checked against the officer's roles each time.
func sealPage(list string, filter proto.Message, place string) (string, error) {
	if place == "" {
		return "", nil
	}
	sum, err := pageSumOf(list, filter, place)
	if err != nil {
		return "", err
	}
	b := append([]byte{pageVersion}, sum...)
	return base64.RawURLEncoding.EncodeToString(append(b, place...)), nil
}

// openPage is the inverse of sealPage; an empty token is the first page.
func openPage(list string, filter proto.Message, token string) (place string, err error) {
	if token == "" {
		return "", nil
	}
	bad := refuseField("page_token", "is not from the page before of this very list")
	if len(token) > base64.RawURLEncoding.EncodedLen(1+pageSum+maxPlace) {
		return "", bad
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) <= 1+pageSum || b[0] != pageVersion {
		return "", bad
	}
	place = string(b[1+pageSum:])
	sum, err := pageSumOf(list, filter, place)
	if err != nil {
		return "", err
	}
	if subtle.ConstantTimeCompare(sum, b[1:1+pageSum]) != 1 {
		return "", bad
	}
	return place, nil
}

func pageSumOf(list string, filter proto.Message, place string) ([]byte, error) {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(filter)
	if err != nil {
		return nil, err
	}
	inner := sha256.Sum256(b)
	h := sha256.New()
	h.Write([]byte("valise/v1/page\x00" + list + "\x00"))
	h.Write(inner[:])
	h.Write([]byte(place))
	return h.Sum(nil)[:pageSum], nil
}
