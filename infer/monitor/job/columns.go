package job

import (
	"fmt"
	"time"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/monitor"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

// sampleOf makes a sample of the rows that were kept of all that were seen.
func sampleOf(rows []monitor.Row, seen int, labels []string, summary *monitor.Summary) (*drift.Sample, error) {
	s := &drift.Sample{Labels: labels, Rows: make([]drift.Row, len(rows)), Skipped: map[string]int{}}
	if seen > len(rows) {
		s.Total = seen
	}
	for _, c := range summary.Causes {
		s.Skipped[fmt.Sprintf("%s %s", c.Kind, c.Code)] += c.Count
	}
	column := func(name string, group drift.Group, unit string) *drift.Column {
		return &drift.Column{Name: name, Group: group, Unit: unit}
	}
	label, confidence := column(drift.LabelColumn, drift.Predictions, ""), column(drift.ConfidenceColumn, drift.Scores, "")
	scores, latency := column(drift.ScoresColumn, drift.Scores, ""), column(drift.LatencyColumn, drift.Operation, "ms")
	format := column("format", drift.Pictures, "")
	for i := range rows {
		row := &rows[i]
		s.Rows[i] = drift.Row{Time: row.Time, ID: row.InferenceID, EventID: row.EventID, Picture: row.Place.String(), Error: row.Error}
		label.Values = append(label.Values, row.Label)
		confidence.Numbers = append(confidence.Numbers, number(float64(row.Confidence), row.Error == ""))
		scores.Vectors = append(scores.Vectors, row.Scores)
		latency.Numbers = append(latency.Numbers, number(float64(row.Latency)/float64(time.Millisecond), row.Latency >= 0))
		word := ""
		if row.Picture != nil {
			word = row.Picture.Format
		}
		format.Values = append(format.Values, word)
	}
	columns := []*drift.Column{label, confidence, scores, latency, format}
	for _, m := range picturestats.Metrics {
		c := column(m.Name, drift.Pictures, m.Unit)
		for i := range rows {
			v := drift.Missing.Number
			if rows[i].Picture != nil {
				v = m.Of(rows[i].Picture)
			}
			c.Numbers = append(c.Numbers, v)
		}
		columns = append(columns, c)
	}
	for _, c := range columns {
		if present(c) > 0 {
			s.Columns = append(s.Columns, *c)
		}
	}
	return s, s.Check()
}

func number(v float64, there bool) float64 {
	if there {
		return v
	}
	return drift.Missing.Number
}
