package plan

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// signs mark the lines of a table.
var signs = map[Action]string{Create: "+", Update: "~", Replace: "±", Wait: "…", Keep: "=", Delete: "-"}

// maxValue is how much of a field's value a table shows, in characters; a document has all.
const maxValue = 96

// WriteTable prints the plan for people: what is done with which object, which fields change, the permissions that are given in full, and
// what it costs by the hour and month.
func (p *Plan) WriteTable(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s", p.Name)
	if p.Place != "" {
		fmt.Fprintf(&b, ": %s", p.Place)
	}
	b.WriteString("\n\n")
	if len(p.Changes) == 0 {
		b.WriteString("nothing exists\n")
	} else {
		p.writeChanges(&b)
	}
	p.writePolicies(&b)
	p.writeTotal(&b)
	fmt.Fprintf(&b, "plan %s: %s\n", p.Fingerprint(), p.summary())
	_, err := w.Write(b.Bytes())
	return err
}

func (p *Plan) writeChanges(b *bytes.Buffer) {
	var rows bytes.Buffer
	columns := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "  ACTION\tKIND\tNAME\tUSD/HOUR\tUSD/MONTH")
	for _, c := range p.Changes {
		hour, month := c.Price.columns()
		fmt.Fprintf(columns, "%s %s\t%s\t%s\t%s\t%s\n", signs[c.Action], c.Action, c.Kind, c.Name, hour, month)
	}
	_ = columns.Flush() // into memory
	lines := strings.SplitAfter(rows.String(), "\n")
	b.WriteString(lines[0])
	for i, c := range p.Changes {
		b.WriteString(strings.TrimRight(lines[i+1], " \n") + "\n")
		c.writeDetails(b)
	}
}

func (c *Change) writeDetails(b *bytes.Buffer) {
	line := func(format string, args ...any) { fmt.Fprintf(b, "      "+format+"\n", args...) }
	if c.Old != "" {
		line("in place of %s, which is deleted when nothing uses it", c.Old)
	}
	if c.Reason != "" {
		line("%s", c.Reason)
	}
	switch {
	case c.Action == Create:
		for _, f := range c.Want {
			line("%s: %s", f.Name, c.shown(f.Value))
		}
	case c.Action != Keep && c.Action != Delete:
		for _, d := range c.Differences {
			note := ""
			if d.Fixed && c.Old == "" {
				note = " (cannot be changed, so it is deleted and made anew)"
			}
			line("%s: %s → %s%s", d.Field, c.shown(d.From), c.shown(d.To), note)
		}
	}
}

// shown is a value on a line. Policies are printed in full further down.
func (c *Change) shown(value string) string {
	switch {
	case value == "":
		return "none"
	case strings.HasPrefix(value, `{"Statement"`) || strings.HasPrefix(value, `{"Version":"`+PolicyVersion):
		if len(c.Policies) > 0 {
			return fmt.Sprintf("policy %s, see below", Hash(Fields{F("", value)})[:6])
		}
	}
	if runes := []rune(value); len(runes) > maxValue {
		return string(runes[:maxValue-1]) + "…"
	}
	return value
}

// writePolicies prints the permissions that change, in full.
func (p *Plan) writePolicies(b *bytes.Buffer) {
	for _, c := range p.Changes {
		if c.Action == Keep || c.Action == Delete || c.Action == Wait {
			continue
		}
		for _, policy := range c.Policies {
			fmt.Fprintf(b, "\n%s %s, %s:\n", c.Kind, c.Name, policy.Name)
			for _, s := range policy.Statement {
				s.write(b)
			}
		}
	}
}

// write prints a statement: what is allowed, to whom, on what, and if what.
func (s *Statement) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "  %s", strings.ToLower(s.Effect))
	for _, kind := range slices.Sorted(maps.Keys(s.Principal)) {
		fmt.Fprintf(b, " %s", cmp.Or(map[string]string{"*": "everybody"}[kind], s.Principal[kind]))
	}
	fmt.Fprintf(b, " %s\n", strings.Join(s.Action, ", "))
	for _, r := range s.Resource {
		fmt.Fprintf(b, "      on %s\n", r)
	}
	if s.Why != "" {
		fmt.Fprintf(b, "      because %s\n", s.Why)
	}
	for _, operator := range slices.Sorted(maps.Keys(s.Condition)) {
		for _, key := range slices.Sorted(maps.Keys(s.Condition[operator])) {
			fmt.Fprintf(b, "      if %s %s %s\n", key, operator, strings.Join(s.Condition[operator][key], " or "))
		}
	}
}

func (p *Plan) writeTotal(b *bytes.Buffer) {
	t := p.Total()
	if t.Hourly == 0 && t.Most == 0 && len(t.Unknown) == 0 && len(t.UnknownUse) == 0 && len(t.Sources) == 0 {
		b.WriteByte('\n')
		return
	}
	fmt.Fprintf(b, "\n$%.4g an hour, $%.2f a month", t.Hourly, t.Monthly)
	if t.Most > t.Hourly {
		fmt.Fprintf(b, "; at most $%.4g an hour, $%.2f a month", t.Most, t.Most*HoursPerMonth)
	}
	b.WriteString(" while it exists")
	for _, c := range p.Changes {
		if c.Action == Delete || len(c.Price.Uses) == 0 {
			continue
		}
		var rates []string
		for _, r := range c.Price.Uses {
			rates = append(rates, r.String())
		}
		fmt.Fprintf(b, "\n  and by use, %s: %s", c.Kind, strings.Join(rates, ", "))
	}
	b.WriteByte('\n')
	for _, unknown := range slices.Concat(t.Unknown, t.UnknownUse) {
		fmt.Fprintf(b, "  not known: %s\n", unknown)
	}
	for _, source := range t.Sources {
		fmt.Fprintf(b, "  prices: %s\n", source)
	}
}

// columns are the price by the hour and the month as a table shows them.
func (p *Price) columns() (hour, month string) {
	switch {
	case p.Unknown != "":
		return "not known", "not known"
	case p.Hourly > 0 && p.Most > p.Hourly:
		return fmt.Sprintf("%.4g to %.4g", p.Hourly, p.Most), fmt.Sprintf("%.2f to %.2f", p.Hourly*HoursPerMonth, p.Most*HoursPerMonth)
	case p.Hourly > 0:
		return fmt.Sprintf("%.4g", p.Hourly), fmt.Sprintf("%.2f", p.Hourly*HoursPerMonth)
	case len(p.Uses) > 0 || p.UnknownUse != "":
		return "by use", "by use"
	}
	return "0", "0"
}

// summary counts the changes in words.
func (p *Plan) summary() string {
	if p.Empty() {
		return "no change"
	}
	var words []string
	for _, a := range []Action{Create, Update, Replace, Wait, Delete, Keep} {
		if n := p.Count(a); n > 0 {
			words = append(words, fmt.Sprintf("%d to %s", n, a))
		}
	}
	return strings.Join(words, ", ")
}
