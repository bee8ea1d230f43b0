// Package systems is where the shipped presets of phone systems are tried against simulated ones. There is no
// code in it but tests.
//
// A system is one file, <system>_test.go, of about a hundred lines: a server written from the vendor's
// documents (never from the preset), and a test that hands it to conforms. The server holds one person's phone,
// takes only what the documents allow (the right sign-in, addresses, bodies; anything else is an error as the
// vendor answers it), and can be played: choose, happen, shown. Where there is a description of the vendor's API
// (OpenAPI), each request and each answer is held against it: contract. The preset is used as it is shipped, addresses included: the test's HTTP
// client leads every server's name to the simulated one, which sees the name as the request's Host. Only how
// often is polled, how much may be asked and how long is waited for an answer is quickened.
package systems
