package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"io"
	"strings"
	"sync"
	"time"

	"valise.example/api/locale"
)

const (
	linkLife = 10 * time.Minute
	// mostLife ends a session that is in use without a pause.
	mostLife = 8 * time.Hour
	// mostGuesses wrong links end the one that is offered.
	mostGuesses = 16
)

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// secret is 128 random bits as 26 letters and digits.
func (s *Shell) secret() (string, error) {
	s.random.Lock()
	defer s.random.Unlock()
	b := make([]byte, 16)
	if _, err := io.ReadFull(s.cfg.Rand, b); err != nil {
		return "", err
	}
	return strings.ToLower(letters.EncodeToString(b)), nil
}

// gate lets one session in at a time, by a link that works once.
type gate struct {
	idle time.Duration

	mu       sync.Mutex
	offered  secretSum // the link; zero: there is none
	until    time.Time
	guesses  int
	inside   secretSum // the cookie of the session; zero: nobody is in
	lapsed   secretSum // that of the last one that ended by itself: what it still sends is kept as a draft
	began    time.Time
	used     time.Time
	language locale.Language
	chosen   bool // the officer chose the language; else it is the browser's
}

// secretSum is the hash of a secret, so that comparing takes the same time whatever it is compared with.
type secretSum [sha256.Size]byte

func sumOf(secret string) secretSum { return sha256.Sum256([]byte(secret)) }

func (s secretSum) is(secret string) bool {
	other := sumOf(secret)
	return s != secretSum{} && subtle.ConstantTimeCompare(s[:], other[:]) == 1
}

// offer makes a link the only one that works.
func (g *gate) offer(token string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.offered, g.until, g.guesses = sumOf(token), now.Add(linkLife), 0
}

// enter begins a session by the link that is offered, in the place of any other; the link is used up.
func (g *gate) enter(token, cookie string, now time.Time, l locale.Language) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.offered.is(token) || !now.Before(g.until) {
		if g.guesses++; g.guesses >= mostGuesses {
			g.offered = secretSum{}
		}
		return false
	}
	g.offered, g.lapsed = secretSum{}, secretSum{}
	g.inside, g.began, g.used = sumOf(cookie), now, now
	if !g.chosen {
		g.language = l
	}
	return true
}

// standing says how a request stands.
type standing int

const (
	stranger standing = iota // no session of this desk is theirs
	lapsed                   // theirs ended by itself
	inside
)

// admit finds out whose cookie this is. A session that goes on counts as used, unless the browser asked by itself.
func (g *gate) admit(cookie string, now time.Time, byItself bool) (standing, locale.Language) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside.is(cookie) {
		if now.Sub(g.used) < g.idle && now.Sub(g.began) < mostLife && !now.Before(g.began) {
			if !byItself {
				g.used = now
			}
			return inside, g.language
		}
		g.inside, g.lapsed = secretSum{}, g.inside
	}
	if g.lapsed.is(cookie) {
		return lapsed, g.language
	}
	return stranger, g.language
}

// speak changes the language of the desk.
func (g *gate) speak(l locale.Language) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.language, g.chosen = l, true
}

// leave ends the session, and nothing that comes after it is kept.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside, g.lapsed = secretSum{}, secretSum{}
}
