package parity

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image/jpeg"
	"strings"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"number":  func(v float64) string { return digits(v, 3) },
	"ms":      func(v float64) string { return fmt.Sprintf("%.1f ms", v) },
	"percent": func(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) },
}).Parse(pageText))

// shownPictures bounds the thumbnails of a page; each takes about 5 kB.
const shownPictures = 18

// thumbnailSide in pixels.
const thumbnailSide = 96

// A shown picture is one of a page.
type shown struct {
	Row          Row
	Local, Other string
	Image        template.URL // empty where it cannot be decoded
}

// HTML gives the report as one page that loads nothing else: no script, no font, thumbnails inside.
func (r *Report) HTML(sample *Sample, limits preprocess.Limits) ([]byte, error) {
	data := struct {
		Report             *Report
		Histogram, Scatter template.HTML
		Pictures           []shown
	}{Report: r, Histogram: histogram(r.Result.Histogram), Scatter: scatter(sample.Pairs())}
	thumbnails, err := preprocess.New(&model.Input{
		Name: "thumbnail", Element: model.Uint8, Layout: model.NHWC, Width: thumbnailSide, Height: thumbnailSide, Channels: 3, ChannelOrder: model.RGB,
		Resize: model.Resize{Mode: model.Pad, Filter: model.Bilinear, PadValue: 128}, ApplyEXIF: true,
	}, limits)
	if err != nil {
		return nil, err
	}
	for _, p := range sample.Worst(shownPictures) {
		if p.Row.MaxDelta > r.Result.Tolerance {
			data.Pictures = append(data.Pictures, shown{p.Row, r.named(p.Row.Local), r.named(p.Row.Remote), thumbnail(thumbnails, &p.Question)})
		}
	}
	var out bytes.Buffer
	if err := page.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("make page: %w", err)
	}
	return out.Bytes(), nil
}

// named is an answer's best class.
func (r *Report) named(scores []float32) string {
	best := class(scores)
	if best < 0 {
		return fmt.Sprintf("%.4f", scores[0])
	}
	label := fmt.Sprintf("class %d", best)
	if best < len(r.Labels) {
		label = r.Labels[best]
	}
	return fmt.Sprintf("%s %.4f", label, scores[best])
}

// thumbnail is a picture as a data URL, empty when it cannot be had.
func thumbnail(pipeline *preprocess.Pipeline, q *Question) template.URL {
	file, err := q.Image()
	if err != nil {
		return ""
	}
	picture, err := pipeline.Decode(file)
	if err != nil {
		return ""
	}
	defer pipeline.Release(picture)
	small, err := pipeline.Render(picture)
	if err != nil {
		return ""
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, asImage(small), &jpeg.Options{Quality: 80}); err != nil {
		return ""
	}
	return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(out.Bytes()))
}

// A Bin counts the pictures whose largest difference is at most UpTo and above the bin before; the first holds those without any.
type Bin struct {
	UpTo  float64 `json:"up_to"`
	Count int     `json:"count"`
}

// leastDecade and mostDecade bound the bins: 1e-8, below what float32 tells apart near 1, and 1, or what is beyond in logits.
const (
	leastDecade = -8
	mostDecade  = 1
)

// bins counts differences by powers of ten.
func bins(deltas []float32) []Bin {
	list := []Bin{{}}
	for decade := leastDecade; decade <= mostDecade; decade++ {
		list = append(list, Bin{UpTo: decadeValue(decade)})
	}
	for _, d := range deltas {
		at := len(list) - 1
		for i, b := range list {
			if float64(d) <= b.UpTo {
				at = i
				break
			}
		}
		list[at].Count++
	}
	return list
}

func decadeValue(decade int) float64 {
	v := 1.0
	for ; decade < 0; decade++ {
		v /= 10
	}
	for ; decade > 0; decade-- {
		v *= 10
	}
	return v
}

// histogram draws the bins.
func histogram(list []Bin) template.HTML {
	const width, height, left, bottom, top = 360, 200, 8, 170, 18
	most := 1
	for _, b := range list {
		most = max(most, b.Count)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg viewBox="0 0 %d %d" role="img" aria-label="Histogram of the differences">`, width, height)
	step := float64(width-2*left) / float64(len(list))
	for i, b := range list {
		h := float64(bottom-top) * float64(b.Count) / float64(most)
		x := float64(left) + float64(i)*step
		fmt.Fprintf(&s, `<rect class="bar" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, x+2, float64(bottom)-h, step-4, h)
		if b.Count > 0 {
			fmt.Fprintf(&s, `<text x="%.1f" y="%.1f" text-anchor="middle">%d</text>`, x+step/2, float64(bottom)-h-4, b.Count)
		}
		label := "0"
		if i > 0 {
			label = fmt.Sprintf("1e%d", leastDecade+i-1)
		}
		fmt.Fprintf(&s, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x+step/2, bottom+16, label)
	}
	fmt.Fprintf(&s, `<line class="axis" x1="%d" y1="%d" x2="%d" y2="%d"/></svg>`, left, bottom, width-left, bottom)
	return template.HTML(s.String())
}

// scatter draws the probability of the local side's class on both sides; empty without pictures.
func scatter(pairs []Pair) template.HTML {
	if len(pairs) == 0 {
		return ""
	}
	const side, left, top, plot = 240, 34, 8, 190
	at := func(v float32) float64 { return plot * float64(min(max(v, 0), 1)) }
	var s strings.Builder
	fmt.Fprintf(&s, `<svg viewBox="0 0 %d %d" role="img" aria-label="Both sides' probabilities"><path class="axis" fill="none" d="M%d %dV%dH%dM%d %dL%d %d"/>`,
		side, side, left, top, top+plot, left+plot, left, top+plot, left+plot, top)
	for i := 0; i <= 4; i++ {
		v := float32(i) / 4
		fmt.Fprintf(&s, `<text x="%.1f" y="%d" text-anchor="middle">%.2f</text><text x="%d" y="%.1f" text-anchor="end">%.2f</text>`,
			float64(left)+at(v), top+plot+14, v, left-4, float64(top+plot)-at(v)+4, v)
	}
	for _, p := range pairs {
		best, kind := max(class(p.Row.Local), 0), "dot"
		if p.Row.Flip {
			kind = "dot flip"
		}
		fmt.Fprintf(&s, `<circle class="%s" cx="%.1f" cy="%.1f" r="3.5"/>`, kind, float64(left)+at(p.Row.Local[best]), float64(top+plot)-at(p.Row.Remote[best]))
	}
	fmt.Fprintf(&s, `<text x="%d" y="%d" text-anchor="middle">local</text><text x="%d" y="%d">other</text></svg>`, left+plot/2, side-8, left+6, top+10)
	return template.HTML(s.String())
}
