package hints

func sources() []named {
	return []named{
		{Lock, "the session", listen(sessionLock)},
		{Idle, "the power manager", listen(userPresence)},
		{Sleep, "the power manager", listen(resume)},
		{Network, "the IP helper", listen(address)},
		{Microphone, "the registry", listen(consentStore)},
	}
}
