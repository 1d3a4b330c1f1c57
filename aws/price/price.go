// Package price knows what AWS charges, as far as it could be read in a source that is named. It guesses nothing: what is not in the table
// has no price, and [plan.Price] says so.
//
// The table is prices.csv. Prices are in USD, on demand, without taxes, free tiers, savings plans and volume discounts.
package price

import (
	_ "embed" // the table
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/scones-unlimited/scones/aws/plan"
)

// An Entry is a line of the table.
type Entry struct {
	// Item is what is charged for: "hosting ml.m5.large", "s3 storage".
	Item   string
	Region string
	USD    float64
	// Per is the unit: hour, GB-month, 1000 requests.
	Per string
	// Source and Date say where the figure was read, and as of when.
	Source, Date string
}

//go:embed prices.csv
var file string

// Table returns all that is known.
var Table = sync.OnceValue(func() []Entry {
	r := csv.NewReader(strings.NewReader(file))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		panic(err) // a test reads it
	}
	var entries []Entry
	for _, row := range rows[1:] {
		usd, err := strconv.ParseFloat(row[2], 64)
		if err != nil {
			panic(err)
		}
		entries = append(entries, Entry{row[0], row[1], usd, row[3], row[4], row[5]})
	}
	return entries
})

// Find returns an item's price in a region.
func Find(region, item string) (Entry, bool) {
	for _, e := range Table() {
		if e.Region == region && e.Item == item {
			return e, true
		}
	}
	return Entry{}, false
}

// Hourly is the price of a number of things that are charged by the hour, or by the month of 730 hours.
func Hourly(region, item string, count float64) plan.Price {
	e, ok := Find(region, item)
	switch {
	case !ok:
		return unknown(region, item)
	case e.Per == "month":
		e.USD /= plan.HoursPerMonth
	case e.Per != "hour":
		panic(fmt.Sprintf("%s is charged per %s", item, e.Per))
	}
	return plan.Price{Hourly: count * e.USD, Source: e.Source, Date: e.Date}
}

// Uses is the price of what is charged by use. Items that are not known are named.
func Uses(region string, items ...string) plan.Price {
	var p plan.Price
	for _, item := range items {
		e, ok := Find(region, item)
		if !ok {
			missing := unknown(region, item).Unknown
			if p.UnknownUse != "" {
				missing = p.UnknownUse + "; " + missing
			}
			p.UnknownUse = missing
			continue
		}
		p.Uses = append(p.Uses, plan.Rate{USD: e.USD, Per: e.Per})
		if !strings.Contains(p.Source, e.Source) {
			p.Source = strings.TrimPrefix(p.Source+"; "+e.Source, "; ")
		}
		if p.Date == "" || e.Date < p.Date { // the oldest says how far to trust it
			p.Date = e.Date
		}
	}
	return p
}

func unknown(region, item string) plan.Price {
	text := fmt.Sprintf("no price of %s in %s in the table", item, region)
	var known []string
	for _, e := range Table() {
		if e.Item == item && !slices.Contains(known, e.Region) {
			known = append(known, e.Region)
		}
	}
	if len(known) > 0 {
		text += " (it has " + strings.Join(known, ", ") + ")"
	}
	return plan.Price{Unknown: text}
}
