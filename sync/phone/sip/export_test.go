package sip

// Statuses are those the tests go by, to be held to the preset's.
var Statuses = statuses
