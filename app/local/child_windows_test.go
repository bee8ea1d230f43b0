package local_test

func otherChild(string) {}
