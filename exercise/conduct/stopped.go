package conduct

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// stopFile has the REAL EVENT that stands while the recording cannot tell of it: before STARTEX, and after ENDEX.
const stopFile = "real-event"

// keptStop is what stopFile says. The wall time is for people alone.
type keptStop struct {
	Seat   string        `json:"seat"`
	At     scenario.Span `json:"at"`
	Raised time.Time     `json:"raised"`
}

// keepStop writes down a stop of which no line of the recording tells; nil: that it stands no more.
func (e *Exercise) keepStop(stop *valisev1.RealEvent) error {
	path := filepath.Join(e.dir, stopFile)
	if stop == nil {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	content, err := json.Marshal(keptStop{stop.GetSeat(), scenario.Span(stop.GetAt()), stop.GetRaised().AsTime()})
	if err != nil {
		return err
	}
	return node.WriteDurably(path, append(content, '\n'))
}

// openStop lets a stop stand that a crash found standing. Of one that cannot be read it is not known who raised it;
// it stands all the same, because nothing but control has it stand down. docs/protocol.md §12.6
func (e *Exercise) openStop() error {
	content, err := os.ReadFile(filepath.Join(e.dir, stopFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	kept := keptStop{Seat: byControl}
	if err := json.Unmarshal(content, &kept); err != nil {
		kept = keptStop{Seat: byControl}
	}
	if seat, err := ident.ParseAddress(kept.Seat); err != nil || !e.hasSeat(seat) {
		kept.Seat = byControl
	}
	e.stop = &valisev1.RealEvent{Seat: kept.Seat, At: int64(kept.At)}
	if !kept.Raised.IsZero() {
		e.stop.Raised = timestamppb.New(kept.Raised)
	}
	_, err = e.clock.obey(play.Order{Do: play.RealEvent})
	return err
}
