package serve

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"net/http"
	"strconv"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// pageFiles are the page's templates, style and script.
//
//go:embed page
var pageFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"percent": func(score float64) string { return strconv.FormatFloat(100*score, 'f', 1, 64) + " %" },
	"clock":   func(t string) string { return t[11:19] },
}).ParseFS(pageFiles, "page/*.html"))

// DefaultThreshold is the score from which the page lets an answer pass.
const DefaultThreshold = 0.9

// pagePolicy lets the page load its own files and nothing else (Content Security Policy Level 3). Pictures that people choose are
// blob: addresses.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// pageRoutes are for people with a browser. What is below /page is between the page and the server and may change.
func (s *Server) pageRoutes() []route {
	return []route{
		{"GET", "/{$}", plainDoor, s.servePage},
		{"GET", "/docs", plainDoor, s.serveDocs},
		{"GET", "/page/style.css", plainDoor, asset("page/style.css", "text/css; charset=utf-8")},
		{"GET", "/page/page.js", plainDoor, asset("page/page.js", "text/javascript; charset=utf-8")},
		{"GET", "/page/charts.js", plainDoor, asset("page/charts.js", "text/javascript; charset=utf-8")},
		{"GET", "/page/request.js", plainDoor, asset("page/request.js", "text/javascript; charset=utf-8")},
		{"GET", "/page/figures", plainDoor, s.serveFigures},
		{"POST", "/page/seen/{model}", plainDoor, s.serveSeen},
	}
}

// asset serves an embedded file.
func asset(name, contentType string) handler {
	data, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(err) // which the first test would see
	}
	return func(x *exchange) *problem {
		x.w.Header().Set("Cache-Control", "no-cache")
		x.write(http.StatusOK, contentType, data)
		return nil
	}
}

// A pageView is what the page's template shows.
type pageView struct {
	Endpoint, Version string
	Ready             string // empty when it is
	Models            []modelView
	Threshold         float64
	MaxPayload        int64
	Requests          []PastRequest
	Token             bool
}

// A modelView is a model in the page's words.
type modelView struct {
	Name, SHA, Runtime, Device, Decoder, Input, Resize string
	Labels, Workers, Batch                             int
	Loaded                                             bool
}

func (s *Server) servePage(x *exchange) *problem {
	view := pageView{
		Endpoint: s.o.Endpoint, Version: s.o.Version, Threshold: orDefault(s.o.Threshold, DefaultThreshold), MaxPayload: s.o.MaxPayload,
		Requests: s.history.last(), Models: s.modelViews(), Token: s.o.Token != "",
	}
	if !s.ready() {
		view.Ready = s.notReadyText()
	}
	return s.render(x, "page.html", view)
}

// render writes a page with the headers that keep other content out.
func (s *Server) render(x *exchange, name string, view any) *problem {
	var body bytes.Buffer
	if err := templates.ExecuteTemplate(&body, name, view); err != nil {
		return newProblem(internal, "the page could not be made; the server's log says why").because(err)
	}
	h := x.w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	x.write(http.StatusOK, "text/html; charset=utf-8", body.Bytes())
	return nil
}

// modelViews lists the models in service, and those that would be loaded when asked for.
func (s *Server) modelViews() []modelView {
	var views []modelView
	have := make(map[string]bool)
	for _, name := range append(s.catalog.names(), s.models.list()...) {
		if have[name] {
			continue
		}
		have[name] = true
		view := modelView{Name: name}
		if e := s.models.acquire(name); e != nil {
			in := &e.model.Classifier.Model.Input
			view = modelView{
				Name: name, SHA: e.model.SHA256, Runtime: e.model.Runtime, Device: e.model.Device, Decoder: e.model.Decoder, Loaded: true,
				Input:  fmt.Sprintf("%d × %d × %d %s", in.Width, in.Height, in.Channels, in.Element),
				Resize: string(in.Resize.Mode), Labels: len(e.model.Classifier.Model.Labels), Workers: e.model.Plan.Workers, Batch: e.model.Plan.Batch,
			}
			if in.Resize.Mode != model.None {
				view.Resize += ", " + string(in.Resize.Filter)
			}
			e.release()
		}
		views = append(views, view)
	}
	return views
}

// serveFigures answers the page's question what happened since a second.
func (s *Server) serveFigures(x *exchange) *problem {
	after, _ := strconv.ParseInt(x.r.URL.Query().Get("after"), 10, 64) // the page's own question; 0 asks for all
	x.w.Header().Set("Cache-Control", "no-store")
	x.writeJSON(http.StatusOK, struct {
		Ready    bool          `json:"ready"`
		Ticks    []Tick        `json:"ticks"`
		Requests []PastRequest `json:"requests"`
	}{s.ready(), append([]Tick{}, s.history.ticks(after)...), s.history.last()})
	return nil
}

// serveSeen answers with the picture as the model sees it: decoded, turned upright, resized and cut, before normalisation.
func (s *Server) serveSeen(x *exchange) *problem {
	e, p := s.acquire(x, x.r.PathValue("model"))
	if p != nil {
		return p
	}
	defer e.release()
	if p := checkPicture(x); p != nil {
		return p
	}
	leave, p := s.admit(x, e)
	if p != nil {
		return p
	}
	defer leave()
	body, p := s.readBody(x)
	if p != nil {
		return p
	}
	defer freeBody(body)
	file, err := e.seen(*body)
	if err != nil {
		return problemOf(x.r.Context(), err)
	}
	x.write(http.StatusOK, "image/png", file)
	return nil
}

// seen renders a picture, when a decoder is free.
func (e *engine) seen(data []byte) ([]byte, error) {
	e.decoders <- struct{}{}
	defer func() { <-e.decoders }()
	pipeline := e.model.Classifier.Pipeline
	decoded, err := pipeline.Decode(data)
	if err != nil {
		return nil, err
	}
	defer pipeline.Release(decoded)
	rendered, err := pipeline.Render(decoded)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	err = png.Encode(&file, shown(rendered))
	return file.Bytes(), err
}

// shown gives a picture to package png, which writes three samples a pixel where none is transparent.
func shown(pic *preprocess.Picture) image.Image {
	rect := image.Rect(0, 0, pic.Width, pic.Height)
	if pic.Channels == 1 {
		return &image.Gray{Pix: pic.Pix, Stride: pic.Width, Rect: rect}
	}
	out := image.NewNRGBA(rect)
	for from, to := pic.Pix, out.Pix; len(from) >= 3; from, to = from[3:], to[4:] {
		to[0], to[1], to[2], to[3] = from[0], from[1], from[2], 0xff
	}
	return out
}

// serveDocs shows openapi.json to people.
func (s *Server) serveDocs(x *exchange) *problem {
	doc, err := readDocs(openAPI)
	if err != nil {
		return newProblem(internal, "the document could not be shown; the server's log says why").because(err)
	}
	return s.render(x, "docs.html", doc)
}

// compactJSON writes an example of the document on one line.
func compactJSON(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}
