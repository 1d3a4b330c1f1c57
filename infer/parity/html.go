package parity

// HTML gives the report as one page.
func (r *Report) HTML(sample *Sample) ([]byte, error) { return nil, nil }
