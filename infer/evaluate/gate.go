package evaluate

import "fmt"

// Gates are the limits that a model must keep. The zero value has none.
type Gates struct {
	// MinAccuracy that must be reached; 0 for none.
	MinAccuracy float64
	// MaxECE that must not be exceeded, of bins of equal mass; 0 for none.
	MaxECE float64
	// Strict judges by the worse end of the interval instead of the value itself.
	Strict bool
}

// A Gate is a limit and how it was kept.
type Gate struct {
	Name     string   `json:"name"` // accuracy or ece
	Limit    float64  `json:"limit"`
	Value    float64  `json:"value"`
	Interval Interval `json:"interval"`
	// Judged is what was held against the limit: Value, or the worse end of Interval when strict.
	Judged float64 `json:"judged"`
	// Pictures that it was measured on: all, or those that are not leaked.
	Pictures int    `json:"pictures"`
	Passed   bool   `json:"passed"`
	Text     string `json:"text"`
}

func accuracyGate(g Gates, p Proportion) Gate {
	gate := Gate{Name: "accuracy", Limit: g.MinAccuracy, Value: p.Value, Interval: p.Interval, Judged: p.Value, Pictures: p.Pictures}
	if g.Strict {
		gate.Judged = p.Interval.Low
	}
	gate.Passed = gate.Judged >= gate.Limit
	gate.describe(g.Strict, "lower", "below")
	return gate
}

func eceGate(g Gates, c *Calibration, n int) Gate {
	gate := Gate{Name: "ece", Limit: g.MaxECE, Value: c.ECE, Interval: c.Interval, Judged: c.ECE, Pictures: n}
	if g.Strict {
		gate.Judged = max(c.Interval.High, c.ECE)
	}
	gate.Passed = gate.Judged <= gate.Limit
	gate.describe(g.Strict, "upper", "above")
	return gate
}

func (g *Gate) describe(strict bool, end, side string) {
	name := map[string]string{"accuracy": "accuracy", "ece": "calibration error"}[g.Name]
	g.Text = fmt.Sprintf("%s %.4f (95 %% interval %.4f to %.4f, %d pictures)", name, g.Value, g.Interval.Low, g.Interval.High, g.Pictures)
	switch {
	case g.Passed:
		g.Text += fmt.Sprintf(" keeps the limit %v", g.Limit)
	case strict:
		g.Text += fmt.Sprintf(": the %s end is %s the limit %v", end, side, g.Limit)
	default:
		g.Text += fmt.Sprintf(" is %s the limit %v", side, g.Limit)
	}
}
