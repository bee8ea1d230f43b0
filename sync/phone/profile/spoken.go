package profile

// Values are what a status is in the phone system's own terms, the one that is written first: for connectors in Go.
func (p *Profile) Values(status string) (values []string) {
	for _, s := range p.file.Statuses {
		if s.Name.s != status {
			continue
		}
		for _, v := range s.Value {
			values = append(values, v.s)
		}
	}
	return values
}
