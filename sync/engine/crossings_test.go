package engine

import (
	"strings"
	"testing"

	"github.com/offhook/offhook/sync/presence"
)

// play makes the events happen that have these names, one by one, lets all settle, and holds the laws in each state.
func play(t *testing.T, s *setup, lines []string) *model {
	t.Helper()
	m := s.first()
	told := []string{}
	m.diary = &told
	for _, line := range append(lines, "all is well and settles") {
		found := false
		for _, e := range m.events(nil) {
			if m.words(e) == line {
				m.happen(e)
				found = true
				break
			}
		}
		if !found {
			t.Fatalf("%q cannot happen here: %s\n%s", line, m.picture(), strings.Join(told, "\n"))
		}
		told = append(told, line+" -> "+m.picture())
		if m.past.bad != "" {
			t.Fatalf("%s\n%s", m.past.bad, strings.Join(told, "\n"))
		}
	}
	return m
}

// TestCrossings is the sequences in which the explorer once found a law broken: mostly something of the person's
// that crosses a write of Offhook's, or a crash in the middle of one.
func TestCrossings(t *testing.T) {
	const settled = "all is well and settles"
	tests := []struct {
		name, preset string
		phones, pcs  int
		events       []string
		teams        string
		phone        presence.Reading
	}{
		{"the phone tells of a call while its status is being written", "asterisk", 1, 1, []string{
			"the person chooses DoNotDisturb/DoNotDisturb in Teams", "the phone: Ringing happens", "Offhook reads Teams", "Offhook reads the phone"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Happening: "Ringing", Chosen: "Do not disturb"}},
		{"a refused write is not taken for a choice", "asterisk", 1, 1, []string{
			"the person chooses DoNotDisturb/DoNotDisturb in Teams", "Offhook reads Teams", "Offhook reads the phone", "Offhook's write to the phone is refused"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Do not disturb"}},
		{"killed between the journal and the write to Teams", "mitel-cloudlink", 1, 1, []string{
			"the phone: In a call happens", "Offhook reads the phone", "Offhook is killed"},
			"Busy/InACall", presence.Reading{Happening: "In a call"}},
		{"killed between the journal and the write to the phone", "setera-onecloud", 1, 1, []string{
			"Busy/InACall begins in Teams", "Offhook reads Teams", "Offhook reads the phone", "Offhook is killed"},
			"Busy/InACall", presence.Reading{Happening: "Line busy"}},
		{"killed in the middle of giving back", "asterisk", 1, 1, []string{
			"the person chooses DoNotDisturb/DoNotDisturb in Teams", settled, "Offhook is told to quit", "Offhook's write to the phone is carried out", "Offhook is killed"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Available"}},
		{"quits in a call, and is started again at once", "asterisk", 1, 1, []string{
			"the phone: On a call happens", settled, settled, "Offhook is told to quit", "Offhook's write to Teams is carried out"},
			"Busy/InACall", presence.Reading{Happening: "On a call", Chosen: "Available"}},
		{"the mapping is edited while a choice is held", "asterisk", 1, 1, []string{
			"the person chooses DoNotDisturb/DoNotDisturb in Teams", settled, "Offhook is killed", "Offhook starts with the mapping edited"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Available"}},
		{"the phone rings while it shows what Offhook has set", "nfon-cloudya", 1, 1, []string{
			"Busy/InACall begins in Teams", settled, "the phone: Ringing happens", settled, "the phone: nothing happens"},
			"Busy/InACall", presence.Reading{Happening: "In use", Chosen: "Available"}},
		{"a status chosen beside a hold is what is given back", "nfon-cloudya", 1, 1, []string{
			"Busy/InACall begins in Teams", settled, "the person chooses Away on the phone", settled, "Busy/InACall ends in Teams"},
			"Available/Available", presence.Reading{Chosen: "Away"}},
		{"a status and a Teams call at the same time: the call raises it", "simulated", 1, 1, []string{
			"the person chooses Busy on the phone", "Busy/InACall begins in Teams"},
			"Busy/InACall", presence.Reading{Chosen: "Do not disturb"}},
		{"a do not disturb that a meeting's write has gone over comes back", "simulated", 1, 1, []string{
			"Busy/InAMeeting begins in Teams", "the person chooses Do not disturb on the phone", "Offhook reads Teams", "Offhook reads the phone"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Do not disturb"}},
		{"what Offhook has preferred is replaced by hand before it was read back", "asterisk", 1, 1, []string{
			"the person chooses Do not disturb on the phone", "Offhook reads the phone", "Offhook reads Teams", "Offhook's write to Teams is carried out",
			"Offhook's write to Teams has succeeded", "the person chooses Busy/Busy in Teams", settled, "Offhook is paused"},
			"Busy/Busy", presence.Reading{Chosen: "Do not disturb"}},
		{"a choice in Teams that waits for a look at a polled phone is not cleared by a pause", "3cx", 1, 1, []string{
			"the person chooses Away on the phone", settled, "the person chooses DoNotDisturb/DoNotDisturb in Teams", "Offhook reads Teams", "Offhook is paused"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Away"}},
		{"what the person had preferred is gone once Offhook prefers something", "simulated", 1, 1, []string{
			"the person chooses Busy/Busy in Teams", "the person chooses Do not disturb on the phone", settled, "the person chooses Busy on the phone"},
			"Busy/Busy", presence.Reading{Chosen: "Busy"}},
		{"a write's report that takes minutes does not make the session live longer", "simulated", 1, 1, []string{
			"the phone: On a call happens", "Offhook reads the phone", "Offhook reads Teams", "Offhook's write to Teams is carried out", "time passes until something is due"},
			"Busy/InACall", presence.Reading{Happening: "On a call", Chosen: "Available"}},
		{"polled: a write reported failed that was carried out, then refused", "openscape-uc", 1, 1, []string{
			"Busy/InACall begins in Teams", "Offhook reads Teams", "Offhook reads the phone", "Offhook's write to the phone is carried out",
			"Offhook's write to the phone is reported failed", "the PC sleeps for an hour", "Offhook's write to the phone is refused"},
			"Busy/InACall", presence.Reading{Happening: "Busy (in a call)"}},
		{"the phone's own call outlives the Teams call it hid in", "openscape-uc", 1, 1, []string{
			"Busy/InACall begins in Teams", settled, "the phone: Busy (in a call) happens", settled, "Busy/InACall ends in Teams"},
			"Busy/InACall", presence.Reading{Happening: "Busy (in a call)"}},
		{"what a phone told before a write reaches Offhook after it", "simulated", 1, 1, []string{
			"the person chooses Busy/Busy in Teams", "Offhook reads Teams", "the phone tells Offhook, and that takes its time",
			"Offhook's write to the phone is carried out", "Offhook's write to the phone has succeeded", "what the phone told reaches Offhook late"},
			"Busy/Busy", presence.Reading{Chosen: "Busy"}},
		{"a refused session is written again", "simulated", 1, 1, []string{
			"the phone: On a call happens", "Offhook reads the phone", "Offhook's write to Teams is refused"},
			"Busy/InACall", presence.Reading{Happening: "On a call", Chosen: "Available"}},
		{"a give-back that was reported failed was carried out", "openscape-uc", 1, 1, []string{
			"Busy/InACall begins in Teams", settled, "Offhook is paused", "Offhook's write to the phone is carried out",
			"Offhook's write to the phone is reported failed"},
			"Busy/InACall", presence.Reading{Happening: "Busy (in a call)"}},
		{"what ran out in a sleep is written again, and Graph answers the time between", "asterisk", 1, 1, []string{
			"the person chooses Do not disturb on the phone", settled, "the PC sleeps for an hour", "Offhook reads Teams",
			"Offhook's write to Teams is carried out, and Graph will answer twice what stood before"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Do not disturb"}},
		{"what is chosen in Teams outlives what ran out in a sleep", "asterisk", 1, 1, []string{
			"the person chooses Do not disturb on the phone", settled, "the person chooses Busy/Busy in Teams", "the PC sleeps for an hour"},
			"Busy/Busy", presence.Reading{Chosen: "Do not disturb"}},
		{"two sleeps in a call: what ran out is read before it is written again", "mitel-cloudlink", 1, 1, []string{
			"the phone: In a call happens", "Offhook reads the phone", "Offhook's write to Teams is carried out",
			"Offhook's write to Teams has succeeded", "the PC sleeps for an hour", "the PC sleeps for an hour"},
			"Busy/InACall", presence.Reading{Happening: "In a call"}},
		{"the person undoes a write before it has been read back", "asterisk", 1, 1, []string{
			"Busy/InAMeeting begins in Teams", "Offhook reads Teams", "Offhook reads the phone", "Offhook's write to the phone is carried out",
			"Offhook reads the phone", "the person chooses Available on the phone", "Offhook reads the phone", "Offhook's write to the phone is reported failed"},
			"Busy/InAMeeting", presence.Reading{Chosen: "Available"}},
		{"two PCs: what one gives back is no choice for the other", "asterisk", 1, 2, []string{
			"the person chooses DoNotDisturb/DoNotDisturb in Teams", settled, "the person chooses Busy/Busy in Teams", "Offhook on PC 2 reads Teams"},
			"Busy/Busy", presence.Reading{Chosen: "Available"}},
		{"two PCs: what one takes back in Teams is no choice for the other", "simulated", 1, 2, []string{
			"the person chooses Busy on the phone", settled, "the person chooses On vacation on the phone"},
			"Available/Available", presence.Reading{Chosen: "On vacation"}},
		{"two PCs: a call on the phone that has ended is not written back", "openscape-uc", 1, 2, []string{
			"the phone: Busy (in a call) happens", settled, "the phone: nothing happens", "Offhook on PC 2 reads the phone"},
			"Available/Available", presence.Reading{}},
		{"a status the preset does not know", "simulated", 1, 1, []string{
			"the phone: On a call happens", settled, "the phone answers nonsense", "Offhook reads the phone", "time passes until something is due"},
			"Busy/InACall", presence.Reading{Happening: "On a call", Chosen: "Available"}},
		{"the laptop sleeps in a call and wakes an hour after it", "simulated", 1, 1, []string{
			"the phone: On a call happens", settled, "the phone: nothing happens", "the PC sleeps for an hour"},
			"Available/Available", presence.Reading{Chosen: "Available"}},
		{"the laptop sleeps in a meeting and wakes an hour after it", "simulated", 1, 1, []string{
			"Busy/InAMeeting begins in Teams", settled, "Busy/InAMeeting ends in Teams", "the PC sleeps for an hour"},
			"Available/Available", presence.Reading{Chosen: "Available"}},
		{"what was preferred is given back before it was read back, and Graph answers the time between", "asterisk", 1, 1, []string{
			"the person chooses Do not disturb on the phone", "Offhook reads the phone", "Offhook reads Teams", "Offhook's write to Teams is carried out",
			"Offhook's write to Teams has succeeded", "Offhook is paused", "Offhook's write to Teams is carried out, and Graph will answer twice what stood before"},
			"Available/Available", presence.Reading{Chosen: "Do not disturb"}},
		{"a write carried out an hour late, and reported failed, is not over", "sipgate", 1, 1, []string{
			"the person chooses Do not disturb on the phone", "Offhook reads the phone", "Offhook reads Teams", "the PC sleeps for an hour",
			"Offhook's write to Teams is carried out", "Offhook's write to Teams is reported failed", settled, "the PC sleeps for an hour"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Do not disturb"}},
		{"what was preferred runs out before its renewal, and that is no choice", "asterisk", 1, 1, []string{
			"the person chooses Do not disturb on the phone", "Offhook reads the phone", "Offhook reads Teams", "Offhook's write to Teams is carried out",
			"time passes until something is due", "Offhook's write to Teams has succeeded", "Offhook's write to Teams is refused"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Do not disturb"}},
		{"a status that is there although it was refused is the person's", "sipgate", 1, 1, []string{
			"Busy/InACall begins in Teams", "the person chooses Do not disturb on the phone", "Offhook reads Teams", "Offhook reads the phone",
			"Offhook's write to the phone is refused", "Offhook is paused"},
			"Busy/InACall", presence.Reading{Chosen: "Do not disturb"}},
		{"a call that nobody could see, since a choice on the phone was being written", "sipgate", 1, 1, []string{
			"the person chooses Do not disturb on the phone", "Offhook reads the phone", "Offhook reads Teams", "Busy/InACall begins in Teams",
			"Offhook reads Teams", "the person chooses Available on the phone"},
			"Busy/InACall", presence.Reading{Chosen: "Do not disturb"}},
		{"a status that is there although its write is reported failed is taken for that write's", "sipgate", 1, 1, []string{
			"Busy/InACall begins in Teams", "the person chooses Do not disturb on the phone", "Offhook reads Teams", "Offhook reads the phone",
			"Offhook's write to the phone is reported failed", "Offhook is paused"},
			"Busy/InACall", presence.Reading{Chosen: "Do not disturb"}},
		{"killed after a write that was carried out an hour late", "sipgate", 1, 1, []string{
			"the person chooses Do not disturb on the phone", "Offhook reads the phone", "Offhook reads Teams", "the PC sleeps for an hour",
			"Offhook's write to Teams is carried out", "Offhook is killed"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Do not disturb"}},
		{"killed between the journal and the write over a choice in Teams", "sipgate", 1, 1, []string{
			"the person chooses Busy/Busy in Teams", settled, "the person chooses Do not disturb on the phone", "Offhook reads the phone", "Offhook reads Teams",
			"Offhook is killed"},
			"Busy/Busy", presence.Reading{Chosen: "Do not disturb"}},
		{"two PCs: one has seen the end of what the other is still to give back", "sipgate", 1, 2, []string{
			"the person chooses DoNotDisturb/DoNotDisturb in Teams", "Offhook on PC 2 reads Teams", settled, "the person chooses Busy/Busy in Teams",
			"Offhook on PC 1 reads Teams"},
			"Busy/Busy", presence.Reading{Chosen: "Available"}},
		{"a phone that waits for Teams waits no longer for what another phone tells", "nfon-cloudya", 2, 1, []string{
			"Busy/InACall begins in Teams", settled, "the person chooses Busy/Busy in Teams", "phone 1: In use happens"},
			"Busy/InACall", presence.Reading{Happening: "In use", Chosen: "Available"}},
		{"killed once a meeting's write was given back, which is no choice", "asterisk", 1, 1, []string{
			"Busy/InAMeeting begins in Teams", settled, "Offhook is told to quit", "Offhook's write to the phone is carried out", "Offhook is killed"},
			"Busy/InAMeeting", presence.Reading{Chosen: "Do not disturb"}},
		{"what ran out in a sleep was put aside before it was read back", "asterisk", 1, 1, []string{
			"the person chooses Do not disturb on the phone", "Offhook reads the phone", "Offhook reads Teams", "Offhook's write to Teams is carried out",
			"Offhook's write to Teams has succeeded", "the person chooses Busy/Busy in Teams", "the PC sleeps for an hour"},
			"Busy/Busy", presence.Reading{Chosen: "Do not disturb"}},
		{"what ran out in a sleep before it was read back is written again", "asterisk", 1, 1, []string{
			"the person chooses Do not disturb on the phone", "Offhook reads the phone", "Offhook reads Teams", "Offhook's write to Teams is carried out",
			"Offhook's write to Teams has succeeded", "the PC sleeps for an hour"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Do not disturb"}},
		{"what was preferred and taken back at once is chosen in Teams", "simulated", 1, 1, []string{
			"the person chooses Do not disturb on the phone", "Offhook reads the phone", "Offhook reads Teams",
			"Offhook's write to Teams is carried out, and Graph will answer twice what stood before",
			"Offhook's write to Teams has succeeded", "the person chooses Available on the phone", "Offhook reads the phone",
			"Offhook reads Teams", "Offhook's write to Teams is carried out", "Offhook's write to Teams has succeeded", "Offhook reads Teams",
			"the person chooses DoNotDisturb/DoNotDisturb in Teams", "Offhook reads Teams", "Offhook's write to the phone is carried out"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Do not disturb"}},
		{"being away in a sleep is no choice", "sipgate", 1, 1, []string{
			"the person chooses Do not disturb on the phone", settled, "the Teams client is idle", "the PC sleeps for an hour"},
			"DoNotDisturb/DoNotDisturb", presence.Reading{Chosen: "Do not disturb"}},
		{"killed once what was preferred is given back, which is no choice", "zoom", 1, 1, []string{
			"the person chooses Busy on the phone", settled, "Offhook is told to quit",
			"Offhook's write to Teams is carried out, and Graph will answer twice what stood before"},
			"Busy/Busy", presence.Reading{Chosen: "Busy"}},
		{"killed once what was preferred is given back, long after it was set", "zoom", 1, 1, []string{
			"the person chooses Busy on the phone", settled, settled, settled, "Offhook is told to quit", "Offhook's write to Teams is carried out"},
			"Busy/Busy", presence.Reading{Chosen: "Busy"}},
		{"do not disturb chosen in a call that would set it, and put aside", "broadworks", 1, 1, []string{
			"Busy/InACall begins in Teams", "Offhook reads Teams", "the person chooses Do not disturb on the phone", "Offhook reads the phone",
			"the person chooses Available on the phone"},
			"Busy/InACall", presence.Reading{Chosen: "Available"}},
		{"two PCs: what one takes back in Teams is no choice for the other, whose phone is polled", "openscape-business", 1, 2, []string{
			"the person chooses Do not disturb on the phone", "Offhook on PC 2 reads the phone", "Offhook on PC 2 reads Teams", settled,
			"the person chooses Meeting on the phone"},
			"Available/Available", presence.Reading{Chosen: "Meeting"}},
		{"two PCs: what one prefers next is no choice for the other", "wazo", 1, 2, []string{
			"the person chooses Unavailable on the phone", "Offhook on PC 2 reads the phone", "Offhook on PC 2 reads Teams", settled,
			"the person chooses Away on the phone"},
			"Away/Away", presence.Reading{Chosen: "Away"}},
		{"the mapping is edited in a call", "simulated", 1, 1, []string{
			"the phone: On a call happens", settled, "Offhook is killed", "Offhook starts with the mapping edited"},
			"Available/Available", presence.Reading{Happening: "On a call", Chosen: "Available"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := preset(t, tt.preset)
			if strings.HasPrefix(tt.name, "polled: ") {
				p.System.Capabilities.Events = false
			}
			m := play(t, explored(p, tt.phones, tt.pcs, true), tt.events)
			if got := m.shows().String(); got != tt.teams || m.reading(0) != tt.phone {
				t.Errorf("Teams shows %s and the phone %v, want %s and %v\n%s", got, m.reading(0), tt.teams, tt.phone, strings.Join(*m.diary, "\n"))
			}
		})
	}
}
