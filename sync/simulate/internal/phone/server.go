package phone

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/simulate/internal/fault"
)

// TokenLifetime is how long a login lasts.
const TokenLifetime = 10 * time.Minute

// Config is what a Server needs to be told.
type Config struct {
	User, Password string
	Now            func() time.Time
	Report         func(by, what string) // something changed; must not call back
}

// Server is the phone system.
type Server struct {
	Config
	Faults *fault.Switch

	mu      sync.Mutex
	state   State
	chosen  string               // what the person last chose; an application may have set something else
	tokens  map[string]time.Time // until when each is good
	streams map[chan State]bool  // closed to end a stream
}

// New makes a phone system whose one phone is idle.
func New(c Config) *Server {
	return &Server{
		Config:  c,
		Faults:  fault.NewSwitch("401", "403", "429", "500", "503", "down", "slow"),
		state:   State{Extension: c.User, Line: Idle, Status: "available", Changed: c.Now()},
		chosen:  "available",
		tokens:  map[string]time.Time{},
		streams: map[chan State]bool{},
	}
}

// Act does something with the handset.
func (s *Server) Act(name string) error {
	return s.change("person", func(st *State) (string, error) {
		err := st.act(name)
		return map[string]string{
			"ring": "The phone rings", "answer": "The call was answered", "dial": "A number was dialled; the call stands",
			"hold": "The call was put on hold", "resume": "The call goes on", "hangup": "The line is idle again",
		}[name], err
	})
}

// Choose sets the status, as the person or as an application.
func (s *Server) Choose(by, status string) error {
	return s.change(by, func(st *State) (string, error) {
		if err := st.choose(status); err != nil {
			return "", err
		}
		who := "Offhook set the phone"
		if by == "person" {
			s.chosen = status
			who = "Chosen on the phone"
		} else if status == s.chosen {
			who = "Offhook set the phone back"
		}
		return who + ": " + Title(status), nil
	})
}

func (s *Server) change(by string, do func(*State) (string, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.state
	what, err := do(&next)
	if err != nil {
		return err
	}
	s.Report(by, what)
	if next == s.state {
		return nil
	}
	next.Changed = s.Now()
	s.state = next
	for c := range s.streams {
		select {
		case c <- next:
		default: // it does not read: end it, so that it connects anew
			delete(s.streams, c)
			close(c)
		}
	}
	return nil
}

// Snapshot is everything there is to know of the phone.
type Snapshot struct {
	State
	By      string // whose the status is: an application's where the person chose something else
	Streams int
}

// Snapshot answers everything.
func (s *Server) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	by := "person"
	if s.state.Status != s.chosen {
		by = "application"
	}
	return Snapshot{s.state, by, len(s.streams)}
}

// SetFault turns a fault on or off. One that is on also ends the streams of events.
func (s *Server) SetFault(f fault.Fault) error {
	if err := s.Faults.Set(f); err != nil {
		return err
	}
	if s.Faults.Get().Kind != "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hangUpStreams()
	}
	return nil
}

// Restart is a reboot of the phone system: calls, logins and streams are gone, the chosen status stays.
func (s *Server) Restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
	s.hangUpStreams()
	s.state.Line, s.state.Changed = Idle, s.Now()
	s.Report("person", "The phone system was restarted")
}

func (s *Server) hangUpStreams() {
	for c := range s.streams {
		delete(s.streams, c)
		close(c)
	}
}

func (s *Server) follow() (State, chan State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan State, 64)
	s.streams[c] = true
	return s.state, c
}

func (s *Server) unfollow(c chan State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.streams, c)
}

func (s *Server) login(user, password string) (token string, err error) {
	if !s.isUser(user, password) {
		return "", errors.New("the user or the password is wrong")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	token = rand.Text()
	s.tokens[token] = s.Now().Add(TokenLifetime)
	return token, nil
}

func (s *Server) isUser(user, password string) bool {
	a := subtle.ConstantTimeCompare([]byte(user), []byte(s.User))
	b := subtle.ConstantTimeCompare([]byte(password), []byte(s.Password))
	return a&b == 1
}

// good tells whether a bearer token still is.
func (s *Server) good(token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.tokens[token]
	if !ok {
		return errors.New("this login is not known: log in again")
	}
	if !s.Now().Before(until) {
		delete(s.tokens, token)
		return fmt.Errorf("the login expired after %s: log in again", TokenLifetime)
	}
	return nil
}
