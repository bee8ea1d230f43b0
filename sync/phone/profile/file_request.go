package profile

// request is one request. Its templates know what the person entered, ${device}, what once and let give, and
// ${token} after signing in; in a write also ${value}, ${status} and, in a step for each item, ${item}. What
// a template has as ${x} an expression has as $fields.x, unless it is secret.
type request struct {
	place
	When    *expr               `yaml:"when"` // the step of a write, or one of several requests of a reading, is left out where it is not true
	Each    *expr               `yaml:"each"` // in a write: the step is taken for each item of this list
	Method  text                `yaml:"method"`
	Path    *template           `yaml:"path"` // what follows the base address
	URL     *template           `yaml:"url"`  // or a whole address, where it is another server's
	Query   map[string]template `yaml:"query"`
	Headers map[string]template `yaml:"headers"`
	Body    *body               `yaml:"body"` // sent as JSON
	JSON    *expr               `yaml:"json"` // or a jq expression that makes what is sent as JSON
	Form    map[string]template `yaml:"form"`
	XML     *template           `yaml:"xml"`
	Text    *template           `yaml:"text"`
	Answer  text                `yaml:"answer"` // json, xml or text: see answers
	Pages   *pages              `yaml:"pages"`
}

// once is a request whose answer is kept for as long as the sign-in lasts.
type once struct {
	place
	Request request         `yaml:"request" required:"the request to ask once"`
	Keep    map[string]expr `yaml:"keep" required:"what to keep of the answer, by name, such as {me: .id}"`
}

// pages is an answer that comes in several: the whole is the list of all items.
type pages struct {
	place
	Items expr  `yaml:"items" required:"a jq expression that gives a page's list, such as .items"`
	Next  *expr `yaml:"next"`  // the next page's address, on the same server; null after the last
	Token *expr `yaml:"token"` // or a token of the next page, null after the last,
	Query text  `yaml:"query"` // and the name of the query parameter that takes it
}
