package local_test

func inChild() {}
