package profile

type signIn struct {
	place
	Basic  *basic  `yaml:"basic"`
	Bearer *bearer `yaml:"bearer"`
	Key    *send   `yaml:"key"`
	Login  *login  `yaml:"login"`
	OAuth  *oauth  `yaml:"oauth"`
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

// send is what shows a key, or a login's token, with each request.
type send struct {
	place
	Headers map[string]template `yaml:"headers"`
	Query   map[string]template `yaml:"query"`
}

// login is a request whose answer holds the token. Its expressions see $secrets besides $fields, and the
// answer's $http.status and $http.headers (names in small letters).
type login struct {
	place
	Request      request         `yaml:"request" required:"the request whose answer holds the token"`
	Challenge    bool            `yaml:"challenge"`  // the answer is a 401 from which the token is computed
	Token        *secretly       `yaml:"token"`      // needed, but with cookies
	Cookies      bool            `yaml:"cookies"`    // the session is the cookies that the answer sets
	ExpiresIn    *secretly       `yaml:"expires_in"` // seconds
	Keep         map[string]expr `yaml:"keep"`       // what else of the answer is kept, by name
	Send         *send           `yaml:"send"`       // where ${token} is shown; Authorization: Bearer when absent
	RefreshToken *secretly       `yaml:"refresh_token"`
	Refresh      *request        `yaml:"refresh"` // with ${refresh_token}; its answer is read like the first
}

// oauth is OAuth 2. With the grant code the person signs in with their browser (PKCE, a redirect to loopback).
type oauth struct {
	place
	Grant        text                `yaml:"grant"`     // code or password; code when absent
	Authorize    *template           `yaml:"authorize"` // the address of the sign-in page; needed for code
	Token        template            `yaml:"token" required:"the address that gives tokens, such as https://login.example.com/token"`
	ClientID     template            `yaml:"client_id" required:"the id of the registered app, such as ${client_id}"`
	ClientSecret *template           `yaml:"client_secret"` // none is sent where it is empty
	ClientAuth   text                `yaml:"client_auth"`   // body or basic: where the client and its secret are named; body when absent, or where there is no secret
	Scope        *template           `yaml:"scope"`
	Extra        map[string]template `yaml:"extra"`    // parameters besides, at the sign-in page and for tokens
	Redirect     *template           `yaml:"redirect"` // where the registration names one; http://127.0.0.1/ with any port when absent
	User         *template           `yaml:"user"`     // needed for password
	Password     *template           `yaml:"password"`
}
