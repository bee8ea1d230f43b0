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

	Base     *template           `yaml:"base"`
	Timeout  *span               `yaml:"timeout"`
	Headers  map[string]template `yaml:"headers"`
	SignIn   *signIn             `yaml:"sign_in"` // none when absent
	Read     *read               `yaml:"read"`
	Events   *events             `yaml:"events"`
	Write    *request            `yaml:"write"`
	GiveBack *request            `yaml:"give_back"` // when absent, the status from before is written
	Error    *expr               `yaml:"error"`     // the vendor's own message in an answer that is an error
	Rate     *rate               `yaml:"rate"`

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
	Name     text `yaml:"name" required:"the name its placeholder has, such as server for ${server}"`
	Label    text `yaml:"label" required:"what stands beside it in the settings"`
	Help     text `yaml:"help"`
	Default  text `yaml:"default"`
	Secret   bool `yaml:"secret"`
	Optional bool `yaml:"optional"`
}

type status struct {
	place
	Name     text   `yaml:"name" required:"the status as the phone system's own program shows it"`
	Value    values `yaml:"value"` // in the API; the first is the one that is written
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

type request struct {
	place
	Method  text                `yaml:"method"`
	Path    template            `yaml:"path" required:"what follows the base address, such as /api/me"`
	Query   map[string]template `yaml:"query"`
	Headers map[string]template `yaml:"headers"`
	Body    *body               `yaml:"body"` // sent as JSON
}

type signIn struct {
	place
	Basic  *basic  `yaml:"basic"`
	Bearer *bearer `yaml:"bearer"`
	Login  *login  `yaml:"login"`
}

type basic struct {
	place
	User     template `yaml:"user" required:"such as ${user}"`
	Password template `yaml:"password" required:"such as ${password}"`
}

type bearer struct {
	place
	Token template `yaml:"token" required:"such as ${key}"`
}

type login struct {
	place
	Request   request             `yaml:"request" required:"the request whose answer holds the token"`
	Token     expr                `yaml:"token" required:"a jq expression that gives the token, such as .token"`
	ExpiresIn *expr               `yaml:"expires_in"` // seconds
	Send      map[string]template `yaml:"send"`       // headers with ${token}; Authorization: Bearer when absent
}

type read struct {
	place
	Request   request `yaml:"request" required:"the request whose answer says what the phone shows"`
	Happening *expr   `yaml:"happening"`
	Chosen    *expr   `yaml:"chosen"`
}

// rate is the least time between two requests of a kind.
type rate struct {
	place
	Reads  *span `yaml:"reads"`
	Writes *span `yaml:"writes"`
}
