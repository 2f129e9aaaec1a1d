package relay

import (
	"context"
	"log/slog"
	"path/filepath"
)

// objectsPath is where the objects are looked for: beside the Roster.
func objectsPath(roster string) string { return filepath.Join(filepath.Dir(roster), ObjectsFile) }

// lookAtObjects reads the file of objects if it changed. One that cannot be read, or is of another
// realm, leaves those in force as they are.
func (p *process) lookAtObjects() {
	state, err := stateOf(p.objectsPath)
	if err != nil || state == p.objectsSeen {
		return
	}
	data, err := readLimited(p.objectsPath, MaxObjectsBytes)
	if err != nil {
		p.log.Warn("the directory's objects cannot be read; the last ones stay in force")
		return
	}
	p.objectsSeen = state
	o, err := ParseObjects(data)
	if err == nil && o.GetRealm() != p.home.Realm {
		err = errObjectsRealm
	}
	if err != nil {
		p.log.Warn("the directory's objects are refused; the last ones stay in force", slog.String("reason", err.Error()))
		return
	}
	p.objects = o
}

// adoptObjects lays out what was read, and forgets it: it is in the file, and at the server.
func (p *process) adoptObjects(ctx context.Context) {
	if p.objects == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, applyTimeout)
	defer cancel()
	changed, err := applyObjects(ctx, p.conn, p.objects, 1)
	switch {
	case err == errObjectsLower: //nolint:errorlint // it comes as it is
		p.log.Warn("the directory's objects are refused; the last ones stay in force", slog.String("reason", err.Error()))
	case err != nil:
		if ctx.Err() == nil {
			p.log.Error("the directory's objects are not wholly in force yet; trying again", slog.String("error", err.Error()))
		}
		return
	default:
		p.log.Info("the directory's objects are in force", slog.Uint64("number", p.objects.GetNumber()),
			slog.Int("objects", len(p.objects.GetObjects())), slog.Bool("changed", changed))
	}
	p.objects = nil
}
