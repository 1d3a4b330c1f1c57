package plan

import (
	"fmt"
	"slices"
	"strings"
)

// HoursPerMonth is the month of AWS's own calculator: 365 days of 24 hours over 12.
const HoursPerMonth = 730

// A Price is what an object costs, in USD. The zero value is an object that costs nothing.
type Price struct {
	// Hourly while it exists.
	Hourly float64 `json:"usd_per_hour"`
	// Most is the hourly price at the largest size that it may grow to by itself; 0 where it stays as it is.
	Most float64 `json:"usd_per_hour_at_most,omitempty"`
	// Uses are charged by use.
	Uses []Rate `json:"uses,omitempty"`
	// Unknown says why there is no hourly price. Hourly is then no more than the part that is known.
	Unknown string `json:"unknown,omitempty"`
	// UnknownUse says why a price by use is not known. A budget of so much an hour does not ask for it.
	UnknownUse string `json:"unknown_use,omitempty"`
	// Source and Date say where the figures come from.
	Source string `json:"source,omitempty"`
	Date   string `json:"date,omitempty"`
}

// A Rate is a price by use.
type Rate struct {
	USD float64 `json:"usd"`
	// Per is the unit: "GB-month", "1,000 requests".
	Per string `json:"per"`
}

// String writes a rate as "$0.023 per GB-month".
func (r Rate) String() string { return fmt.Sprintf("%s per %s", dollars(r.USD), r.Per) }

// Free tells that the object costs nothing, for certain.
func (p *Price) Free() bool {
	return p.Hourly == 0 && p.Most == 0 && len(p.Uses) == 0 && p.Unknown == "" && p.UnknownUse == ""
}

// A Total is what several objects cost together.
type Total struct {
	Hourly float64 `json:"usd_per_hour"`
	// Most is the hourly price when everything has grown as far as it may.
	Most    float64 `json:"usd_per_hour_at_most"`
	Monthly float64 `json:"usd_per_month"`
	// Unknown lists what has no known price by the hour, UnknownUse what has none by use.
	Unknown    []string `json:"unknown,omitempty"`
	UnknownUse []string `json:"unknown_use,omitempty"`
	// Sources name where the figures come from, with their dates.
	Sources []string `json:"sources,omitempty"`
}

func (t *Total) add(p Price) {
	t.Hourly += p.Hourly
	t.Most += max(p.Hourly, p.Most)
	t.Monthly = t.Hourly * HoursPerMonth
	if p.Unknown != "" && !slices.Contains(t.Unknown, p.Unknown) {
		t.Unknown = append(t.Unknown, p.Unknown)
	}
	if p.UnknownUse != "" && !slices.Contains(t.UnknownUse, p.UnknownUse) {
		t.UnknownUse = append(t.UnknownUse, p.UnknownUse)
	}
	if source := strings.TrimSpace(p.Source + ", " + p.Date); p.Source != "" && !slices.Contains(t.Sources, source) {
		t.Sources = append(t.Sources, source)
	}
}

// A BudgetError is a plan that costs more than it may, or whose price is not known.
type BudgetError struct {
	Budget float64
	Total  Total
}

// Error compares the two.
func (e *BudgetError) Error() string {
	if len(e.Total.Unknown) > 0 {
		return fmt.Sprintf("the budget of $%.4g an hour cannot be checked: %s", e.Budget, strings.Join(e.Total.Unknown, "; "))
	}
	return fmt.Sprintf("the plan costs up to $%.4g an hour, the budget is $%.4g", e.Total.Most, e.Budget)
}

// Hint says what the user can do.
func (e *BudgetError) Hint() string {
	if len(e.Total.Unknown) > 0 {
		return "look the price up, and leave --budget out if it is right"
	}
	return "a smaller --instance, fewer of --autoscale, or --serverless, which costs nothing while nobody asks"
}

// CheckBudget returns a [BudgetError] where everything at its largest may cost more than a budget in USD an hour, or nobody knows.
func (p *Plan) CheckBudget(budget float64) error {
	if t := p.Total(); t.Most > budget+1e-9 || len(t.Unknown) > 0 {
		return &BudgetError{budget, t}
	}
	return nil
}

// dollars writes an amount with as many digits as it needs, two or more: "$0.50", "$0.0000166667".
func dollars(usd float64) string {
	text := strings.TrimRight(fmt.Sprintf("%.10f", usd), "0")
	if whole, digits, _ := strings.Cut(text, "."); len(digits) < 2 {
		return fmt.Sprintf("$%s.%s%s", whole, digits, strings.Repeat("0", 2-len(digits)))
	}
	return "$" + text
}
