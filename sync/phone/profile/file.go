package profile

// file is the form of a profile's file. The required tags say what to write where a key is missing.
type file struct {
	place
	ID           text         `yaml:"id" required:"a short name in small letters, such as my-pbx"`
	Title        text         `yaml:"title" required:"the phone system's own name"`
	Connector    text         `yaml:"connector"` // profile when absent
	Proof        text         `yaml:"proof" required:"how far it has been proven, such as built from documents"`
	Documents    []text       `yaml:"documents"`
	Capabilities capabilities `yaml:"capabilities" required:"reads_line, reads_status, writes and events, each true or false"`
	Fields       []field      `yaml:"fields"`
	Statuses     []status     `yaml:"statuses" required:"the statuses that the phone system shows"`
	Mapping      mapping      `yaml:"mapping" required:"the two tables teams_to_phone and phone_to_teams"`

	Base      *template           `yaml:"base"`
	Timeout   *span               `yaml:"timeout"`
	Headers   map[string]template `yaml:"headers"`
	Answers   text                `yaml:"answers"` // json, xml or text, where a request does not say; json when absent
	Let       map[string]secretly `yaml:"let"`     // values that are computed from what was entered, for templates
	SignIn    *signIn             `yaml:"sign_in"` // none when absent
	Once      []once              `yaml:"once"`    // what is asked after signing in, in this order, and kept
	Read      *read               `yaml:"read"`
	Events    *events             `yaml:"events"`
	Write     *steps              `yaml:"write"`
	GiveBack  *steps              `yaml:"give_back"`  // when absent, the status from before is written
	Error     *expr               `yaml:"error"`      // the vendor's own message in an answer that is an error
	Failed    *expr               `yaml:"failed"`     // true for an answer that is an error although it is a 2xx
	Expired   *expr               `yaml:"expired"`    // true for an answer that asks to sign in again; 401 when absent
	RequestID text                `yaml:"request_id"` // the header that names a request to support; X-Request-Id when absent
	Rate      *rate               `yaml:"rate"`

	SecretsInURL []text `yaml:"secrets_in_url" doc:"the secrets, by their placeholders' names, that the phone system wants in addresses"`
}

type capabilities struct {
	place
	ReadsLine   bool `yaml:"reads_line" required:"true or false"`
	ReadsStatus bool `yaml:"reads_status" required:"true or false"`
	Writes      bool `yaml:"writes" required:"true or false"`
	Events      bool `yaml:"events" required:"true or false"`
}

type field struct {
	place
	Name        text     `yaml:"name" required:"the name its placeholder has, such as server for ${server}"`
	Label       text     `yaml:"label" required:"what stands beside it in the settings"`
	Type        text     `yaml:"type"` // text when absent
	Options     []option `yaml:"options"`
	Help        text     `yaml:"help"`
	Placeholder text     `yaml:"placeholder"`
	Default     text     `yaml:"default"`
	Pattern     *pattern `yaml:"pattern"`
	Optional    bool     `yaml:"optional"`
}

// option is one of those a field of the type choice has.
type option struct {
	place
	Value text `yaml:"value" required:"the value that placeholders are given"`
	Label text `yaml:"label"` // what the person sees; the value when absent
}

type status struct {
	place
	Name     text   `yaml:"name" required:"the status as the phone system's own program shows it"`
	Value    values `yaml:"value"` // in the API, where it is read or written; the first is the one that is written
	Means    text   `yaml:"means" required:"away, available, busy or dnd"`
	Activity bool   `yaml:"activity"`
	Writable bool   `yaml:"writable"`
}

type mapping struct {
	place
	ToPhone []toPhone `yaml:"teams_to_phone" required:"a row for each state of Teams"`
	ToTeams []toTeams `yaml:"phone_to_teams" required:"a row for each status of the phone"`
}

type toPhone struct {
	place
	Teams     text `yaml:"teams" required:"a state of Teams, such as Busy/InACall"`
	Phone     text `yaml:"phone"`
	Unchanged text `yaml:"unchanged"` // why
}

type toTeams struct {
	place
	Phone     text `yaml:"phone" required:"a status of this phone"`
	Teams     text `yaml:"teams"`
	Unchanged text `yaml:"unchanged"` // why
}

type read struct {
	place
	Request   *request         `yaml:"request"`
	Requests  ordered[request] `yaml:"requests"` // by name; the expressions then see {name: answer, …}
	Happening *expr            `yaml:"happening"`
	Chosen    *expr            `yaml:"chosen"`
}

// rate is how often something may be sent: a least time between two (10s), or so many in a time (50 per 1m).
type rate struct {
	place
	Requests *pace `yaml:"requests"` // of any kind
	Reads    *pace `yaml:"reads"`    // each counts once, of however many requests it consists
	Writes   *pace `yaml:"writes"`
}
