package local

// runtimeDir: Windows has none. The person's own local application data serves (os.UserCacheDir).
func runtimeDir() string { return "" }

// checkFolder has nothing to add on Windows: what lies in a person's local application data is closed to
// other people by the access list it inherits.
func checkFolder(string) error { return nil }
