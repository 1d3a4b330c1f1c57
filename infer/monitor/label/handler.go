package label

import (
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/scones-unlimited/scones/infer/hostcheck"
)

//go:embed page.html
var source string

//go:embed page.css
var style string

//go:embed keys.js
var keys string

// page is parsed when it is needed first: most commands write none.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"add": func(a, b int) int { return a + b }}).Parse(source))
})

// manyClasses is the number of classes from which on they are chosen from a list instead of by buttons.
const manyClasses = 20

// A Handler is a session's page. Its address is [Handler.Path] below the server's.
type Handler struct {
	session *Session
	secret  string
	mux     *http.ServeMux
	done    chan struct{}
}

// Handler makes the session's page, with a new secret in its address.
func (s *Session) Handler() *Handler {
	h := &Handler{session: s, secret: rand.Text(), mux: http.NewServeMux(), done: make(chan struct{})}
	h.mux.HandleFunc("GET /{secret}/{$}", h.start)
	h.mux.HandleFunc("GET /{secret}/{number}", h.show)
	h.mux.HandleFunc("POST /{secret}/{number}", h.answer)
	h.mux.HandleFunc("GET /{secret}/picture/{number}", h.picture)
	h.mux.HandleFunc("GET /{secret}/page.css", asset("text/css; charset=utf-8", style))
	h.mux.HandleFunc("GET /{secret}/keys.js", asset("text/javascript; charset=utf-8", keys))
	h.mux.HandleFunc("GET /{secret}/end", h.end)
	h.mux.HandleFunc("POST /{secret}/end", h.finish)
	return h
}

// Path of the page, with the secret.
func (h *Handler) Path() string { return "/" + h.secret + "/" }

// Done is closed when the person says so.
func (h *Handler) Done() <-chan struct{} { return h.done }

// ServeHTTP answers. A request without the secret finds nothing, one that calls this machine by another name is refused, and so is one
// that would change something and comes from another page.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	secret, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case !hostcheck.Allowed(hostcheck.Name(r.Host), nil):
		http.Error(w, "this server is not called so; ask it by its address", http.StatusMisdirectedRequest)
		return
	case subtle.ConstantTimeCompare([]byte(secret), []byte(h.secret)) != 1:
		http.NotFound(w, r)
		return
	case r.Method == http.MethodPost && !sameOrigin(r):
		http.Error(w, "this form is of another page", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	h.mux.ServeHTTP(w, r)
}

// sameOrigin tells whether a request comes from a page of this server. Browsers say it in Sec-Fetch-Site, older ones send Origin with every
// form.
func sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	origin, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && origin.Host == r.Host && origin.Scheme == "http"
}

func asset(kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(text)) // the client may be gone
	}
}

// number is the question that a request is about, from 0.
func (h *Handler) number(r *http.Request) (int, bool) {
	n, err := strconv.Atoi(r.PathValue("number"))
	h.session.mu.RLock()
	defer h.session.mu.RUnlock()
	return n - 1, err == nil && n >= 1 && n <= len(h.session.entries)
}

// start leads to the first open question.
func (h *Handler) start(w http.ResponseWriter, r *http.Request) { h.lead(w, r, 0) }

// lead goes on with the first open question from one on, or to the end.
func (h *Handler) lead(w http.ResponseWriter, r *http.Request, from int) {
	h.session.mu.RLock()
	next := h.session.next(from)
	h.session.mu.RUnlock()
	to := h.Path() + "end"
	if next >= 0 {
		to = h.Path() + strconv.Itoa(next+1)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// A view is what the template shows.
type view struct {
	Number   int
	Question *entry // nil at the end
	Labels   []choice
	Many     bool
	Count    Count
	Percent  int
	Previous int
	Next     int
	Dir      string
}

type choice struct {
	Value  int
	Label  string
	Key    string
	Chosen bool
}

func (h *Handler) show(w http.ResponseWriter, r *http.Request) {
	n, ok := h.number(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	v := view{Number: n + 1, Count: h.session.Count(), Previous: n, Next: n + 2}
	h.session.mu.RLock()
	e := h.session.entries[n]
	h.session.mu.RUnlock()
	v.Question = &e
	if v.Next > v.Count.Questions {
		v.Next = 0
	}
	v.Many = len(h.session.labels) > manyClasses
	for i, label := range h.session.labels {
		c := choice{Value: i, Label: label, Chosen: e.Answer == i}
		if i < 9 {
			c.Key = strconv.Itoa(i + 1)
		}
		v.Labels = append(v.Labels, c)
	}
	h.render(w, &v)
}

func (h *Handler) end(w http.ResponseWriter, _ *http.Request) {
	h.render(w, &view{Count: h.session.Count(), Dir: h.session.dir})
}

func (h *Handler) render(w http.ResponseWriter, v *view) {
	if v.Count.Questions > 0 {
		v.Percent = 100 * (v.Count.Questions - v.Count.Open) / v.Count.Questions
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page().Execute(w, v) // the client may be gone
}

// answer keeps an answer and goes on with the next open question.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request) {
	n, ok := h.number(r)
	answer, err := strconv.Atoi(r.PostFormValue("answer"))
	if !ok || err != nil {
		http.Error(w, "there is no such question or answer", http.StatusBadRequest)
		return
	}
	if err := h.session.Answer(n, answer); err != nil {
		http.Error(w, fmt.Sprintf("the answer was not kept: %v", err), http.StatusInternalServerError)
		return
	}
	h.lead(w, r, n+1)
}

func (h *Handler) finish(w http.ResponseWriter, r *http.Request) {
	select {
	case <-h.done:
	default:
		close(h.done)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintln(w, "The answers are kept. This window can be closed.") // the client may be gone
}

// picture sends a question's picture.
func (h *Handler) picture(w http.ResponseWriter, r *http.Request) {
	n, ok := h.number(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	h.session.mu.RLock()
	file := h.session.entries[n].File
	h.session.mu.RUnlock()
	http.ServeFile(w, r, filepath.Join(h.session.dir, filepath.FromSlash(file)))
}
