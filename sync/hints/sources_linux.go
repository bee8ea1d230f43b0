package hints

func sources() []named {
	return []named{
		{Lock, "logind", listen(logindLock)},
		{Lock, "the screen saver", listen(screenSaver)},
		{Idle, "logind", listen(logindIdle)},
		{Sleep, "logind", listen(logindSleep)},
		{Network, "the kernel", listen(defaultRoute)},
		{Microphone, "the sound server", listen(pulseMicrophone)},
	}
}
