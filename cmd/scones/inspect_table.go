package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

// writeDescription prints a description as two columns.
func writeDescription(w io.Writer, d *onnx.Description) error {
	var out bytes.Buffer
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&out, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("model", "%s (%s)", d.Path, byteText(d.Bytes))
	if d.SHA256 != "" {
		row("sha256", "%s", d.SHA256)
	}
	if m := d.Manifest; m != nil {
		contractRows(row, m)
		row("contract hash", "%s", d.ContractHash)
	}
	if len(d.Missing) > 0 {
		row("missing", "%s", strings.Join(d.Missing, ", "))
	}
	for _, v := range d.Inputs {
		row("graph input", "%s", valueText(v))
	}
	for _, v := range d.Outputs {
		row("graph output", "%s", valueText(v))
	}
	row("parameters", "%s", thousands(d.Parameters))
	if d.MultiplyAdds != nil {
		row("multiply-adds", "%s a picture", thousands(*d.MultiplyAdds))
	} else {
		row("multiply-adds", "unknown: %s", strings.TrimPrefix(d.MultiplyAddsUnknown, onnx.ErrUnknown.Error()+": "))
	}
	row("operators", "%s", countText(d.Operators))
	for _, o := range d.Opsets {
		row("operator set", "%s %d", cmp.Or(o.Domain, "ai.onnx"), o.Version)
	}
	row("written by", "%s (IR version %d)", cmp.Or(d.Producer, "unknown"), d.IRVersion)
	if len(d.SideFiles) > 0 {
		row("side files", "%s", strings.Join(d.SideFiles, ", "))
	}
	if a := d.Artifact; a != nil {
		row("artifact", "%s, %s", a.Framework, countText(a.Operators))
		row("checkpoint", "%s of epochs %v, %d arrays of %s", a.Checkpoint, a.Epochs, a.Arrays, strings.Join(a.Elements, ", "))
	}
	if d.Manifest != nil {
		provenanceRows(row, d.Manifest.Provenance)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// contractRows says in words what the manifest says.
func contractRows(row func(name, format string, args ...any), m *model.Model) {
	if m.Name != "" {
		row("name", "%s", m.Name)
	}
	shown := m.Labels[:min(len(m.Labels), 10)]
	more := ""
	if len(shown) < len(m.Labels) {
		more = ", …"
	}
	row("labels", "%d: %s%s", len(m.Labels), strings.Join(shown, ", "), more)
	in := m.Input
	row("picture", "%d × %d %s, %s", in.Width, in.Height, cmp.Or(string(in.ChannelOrder), "grey"), resizeText(in.Resize))
	exif := "no"
	if in.ApplyEXIF {
		exif = "yes"
	}
	row("EXIF turn", "%s", exif)
	row("tensor", "%s %s, %s", in.Element, in.Layout, normalisationText(in))
	kind := "one class"
	if m.Output.MultiLabel {
		kind = "several classes"
	}
	row("answer", "%s, activation to apply: %s", kind, m.Output.Activation)
}

func resizeText(r model.Resize) string {
	text := map[model.ResizeMode]string{
		model.Stretch:   "stretched",
		model.ShortSide: fmt.Sprintf("shorter side to %d, centre cut", r.ShortSide),
		model.Pad:       fmt.Sprintf("fitted in, filled with %d", r.PadValue),
		model.None:      "not resized, centre cut",
	}[r.Mode]
	if r.Width > 0 {
		text += fmt.Sprintf(" to %d × %d, centre cut", r.Width, r.Height)
	}
	if r.Filter != "" {
		text += ", " + string(r.Filter)
	}
	if r.NoAntialias {
		text += " without antialiasing"
	}
	return text
}

func normalisationText(in model.Input) string {
	scale := cmp.Or(in.Scale, 1)
	if in.Element == model.Uint8 || scale == 1 && len(in.Mean)+len(in.Std) == 0 {
		return "pixels as they are"
	}
	text := fmt.Sprintf("pixel · %.8g", scale)
	if len(in.Mean) > 0 {
		text = fmt.Sprintf("%s − %v", text, in.Mean)
	}
	if len(in.Std) > 0 {
		text = fmt.Sprintf("(%s) / %v", text, in.Std)
	}
	return text
}

func provenanceRows(row func(name, format string, args ...any), p model.Provenance) {
	for _, line := range []struct{ name, text string }{
		{"trained with", p.Framework},
		{"converted by", p.Converter},
		{"from artifact", p.ArtifactSHA256},
	} {
		if line.text != "" {
			row(line.name, "%s", line.text)
		}
	}
	if p.Epoch != 0 {
		row("epoch", "%d", p.Epoch)
	}
	if p.Temperature != 0 {
		row("temperature", "%v", p.Temperature)
	}
	if c := p.Calibration; c != nil {
		row("calibrated", "by %s on %s", printable(c.Method), counted(c.Pictures, "picture"))
		row("from model", "%s", printable(c.FromSHA256))
	}
}

func valueText(v onnx.Value) string {
	dims := make([]string, len(v.Shape))
	for i, d := range v.Shape {
		dims[i] = d.String()
	}
	shape := "of unknown shape"
	if v.Shape != nil {
		shape = "[" + strings.Join(dims, ", ") + "]"
	}
	return fmt.Sprintf("%s %s %s", v.Name, v.Element, shape)
}

// countText lists counts, the largest first.
func countText(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, counts[name])
	}
	return strings.Join(names, ", ")
}

// thousands writes a count with commas.
func thousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// byteText writes a size with a decimal unit.
func byteText(n int64) string {
	size, unit := float64(n), 0
	units := []string{"bytes", "kB", "MB", "GB", "TB"}
	for size >= 1000 && unit < len(units)-1 {
		size, unit = size/1000, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.3g %s", size, units[unit])
}
