package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/nats-io/nkeys"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

// needs is how the relay's doctor states what a Roster needs.
var needs = regexp.MustCompile(`take ([0-9.]+) ([kMGTP]?B|bytes); .* free; (the allow-lists and imports have .*)$`)

var unitsOfDoctor = map[string]float64{"bytes": 1e-12, "kB": 1e-9, "MB": 1e-6, "GB": 1e-3, "TB": 1, "PB": 1e3}

// relayWorst asks the relay's doctor about a relay of so many States with two POCs each, and gives
// the disk in TB and what it says of memory. docs/protocol.md §7.8
func relayWorst(ctx context.Context, dir string, realm ident.Realm, states int) (tb float64, says string, err error) {
	if _, err := relay.Init(dir, relay.InitConfig{Listen: "127.0.0.1:4222", Realm: realm.String()}); err != nil {
		return 0, "", err
	}
	roster, err := rosterOf(realm, states)
	if err != nil {
		return 0, "", err
	}
	b, err := directory.EncodeRoster(roster)
	if err != nil {
		return 0, "", err
	}
	path := filepath.Join(dir, directory.RosterFile)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return 0, "", err
	}
	found, err := relay.Doctor(ctx, relay.DoctorConfig{Dir: dir, RosterPath: path})
	if err != nil {
		return 0, "", err
	}
	for _, f := range found {
		if m := needs.FindStringSubmatch(f.What); m != nil {
			figure, err := strconv.ParseFloat(m[1], 64)
			return figure * unitsOfDoctor[m[2]], m[3], err
		}
	}
	return 0, "", errors.New("bench: the relay's doctor does not say what disk it needs")
}

// rosterOf is the Roster of a directory with so many States: desks of one track may write to each
// other. A-9 s2
func rosterOf(realm ident.Realm, states int) (*valisev1.Roster, error) {
	r := &valisev1.Roster{Number: 1, Realm: realm.String()}
	for track := range 2 {
		for s := range states {
			nkey, err := nkeyOf(s)
			if err != nil {
				return nil, err
			}
			m := &valisev1.Mailbox{Name: nameOf('m', track, s), OwnerNkeys: []string{nkey}}
			for from := range states {
				if from != s {
					m.SenderTokens = append(m.SenderTokens, nameOf('t', track, from))
				}
			}
			slices.Sort(m.SenderTokens)
			r.Mailboxes = append(r.Mailboxes, m)
			r.Senders = append(r.Senders, &valisev1.Sender{Token: nameOf('t', track, s), Nkeys: []string{nkey}})
		}
	}
	return r, nil
}

// nameOf is a name of 26 characters, in order of track and State.
func nameOf(what byte, track, state int) string {
	return fmt.Sprintf("%c%c%s", what, 'a'+track, letters(state, 24))
}

// letters writes a number with the letters a to p.
func letters(n, width int) string {
	out := make([]byte, width)
	for i := width - 1; i >= 0; i-- {
		out[i], n = 'a'+byte(n%16), n/16
	}
	return string(out)
}

func nkeyOf(state int) (string, error) {
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], uint64(state))
	pair, err := nkeys.FromRawSeed(nkeys.PrefixByteUser, seed[:])
	if err != nil {
		return "", err
	}
	return pair.PublicKey()
}
