package serve

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Signature Version 4, as the IAM User Guide's "Create a signed AWS API request" defines it. The SDK can only sign, and only package
// aws may import it, so the check is written out here.
const (
	signatureAlgorithm = "AWS4-HMAC-SHA256"
	signatureService   = "sagemaker"
	signatureEnd       = "aws4_request"
	signatureTime      = "20060102T150405Z"
	// clockSkew is how far a request's time may be from ours.
	clockSkew = 5 * time.Minute
)

// The problems of a signature, in AWS's words.
var (
	unsigned        = &kind{"unsigned", 403, 403, "MissingAuthenticationTokenException", 403}
	badSignature    = &kind{"bad-signature", 400, 400, "IncompleteSignatureException", 400}
	unknownClient   = &kind{"unknown-client", 403, 403, "UnrecognizedClientException", 403}
	wrongSignature  = &kind{"wrong-signature", 403, 403, "InvalidSignatureException", 403}
	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// A signature is what an Authorization header says.
type signature struct {
	keyID, date, region, service string
	headers                      []string
	value                        string
	time                         time.Time
	secret                       string
}

// checkSignature checks all of a signature that needs no body: its form, its key and its time.
func checkSignature(r *http.Request, keys map[string]string, service string, now time.Time) (*signature, *problem) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return nil, newProblem(unsigned, "Missing Authentication Token: sign the request with a key pair that the server was given by --verify-sigv4")
	}
	s := parseSignature(header)
	switch {
	case s == nil:
		return nil, newProblem(badSignature, "Authorization is not of the form %s Credential=KEY/DATE/REGION/%s/%s, SignedHeaders=..., Signature=...",
			signatureAlgorithm, service, signatureEnd)
	case s.service != service:
		return nil, newProblem(wrongSignature, "Credential should be scoped to correct service: %q.", service)
	case !slices.Contains(s.headers, "host") || !slices.Contains(s.headers, "x-amz-date"):
		return nil, newProblem(badSignature, "'Host' and 'X-Amz-Date' must be signed headers.")
	}
	var known bool
	if s.secret, known = keys[s.keyID]; !known {
		return nil, newProblem(unknownClient, "The security token included in the request is invalid.")
	}
	var err error
	if s.time, err = time.Parse(signatureTime, r.Header.Get("X-Amz-Date")); err != nil || s.time.Format("20060102") != s.date {
		return nil, newProblem(badSignature, "X-Amz-Date must be like 20060102T150405Z and of the day in the credential's scope.")
	}
	if d := now.Sub(s.time); d > clockSkew || d < -clockSkew {
		return nil, newProblem(wrongSignature, "Signature expired: %s is more than %v from the server's %s. Set the clock.",
			s.time.Format(signatureTime), clockSkew, now.UTC().Format(signatureTime))
	}
	return s, nil
}

// parseSignature returns nil for a header that is not well-formed.
func parseSignature(header string) *signature {
	rest, ok := strings.CutPrefix(header, signatureAlgorithm+" ")
	if !ok {
		return nil
	}
	s := new(signature)
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			scope := strings.Split(value, "/")
			if len(scope) != 5 || scope[4] != signatureEnd {
				return nil
			}
			s.keyID, s.date, s.region, s.service = scope[0], scope[1], scope[2], scope[3]
		case "SignedHeaders":
			s.headers = strings.Split(value, ";")
		case "Signature":
			s.value = value
		}
	}
	if s.keyID == "" || len(s.value) != 2*sha256.Size || len(s.headers) == 0 || !slices.IsSorted(s.headers) {
		return nil
	}
	return s
}

// verify compares the signature with the one that the request and its body should have.
func (s *signature) verify(r *http.Request, body []byte) *problem {
	sum := sha256.Sum256(body)
	payload := hex.EncodeToString(sum[:])
	switch declared := r.Header.Get("X-Amz-Content-Sha256"); {
	case declared == unsignedPayload && r.TLS != nil && slices.Contains(s.headers, "x-amz-content-sha256"):
		payload = unsignedPayload
	case declared != "" && declared != payload:
		return newProblem(wrongSignature, "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	scope := strings.Join([]string{s.date, s.region, s.service, signatureEnd}, "/")
	request := sha256.Sum256([]byte(s.canonical(r, payload)))
	text := strings.Join([]string{signatureAlgorithm, r.Header.Get("X-Amz-Date"), scope, hex.EncodeToString(request[:])}, "\n")
	key := []byte("AWS4" + s.secret)
	for _, part := range []string{s.date, s.region, s.service, signatureEnd, text} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	if !equal(hex.EncodeToString(key), s.value) {
		return newProblem(wrongSignature, "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.")
	}
	return nil
}

// canonical is the text of a request that is signed.
func (s *signature) canonical(r *http.Request, payload string) string {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	// Encoded once more than on the wire, as all services but S3 want it.
	lines := []string{r.Method, escape(path, "/"), canonicalQuery(r.URL)}
	for _, name := range s.headers {
		value := strings.Join(r.Header.Values(name), ",")
		if name == "host" {
			value = r.Host
		}
		lines = append(lines, name+":"+strings.Join(strings.Fields(value), " "))
	}
	return strings.Join(append(lines, "", strings.Join(s.headers, ";"), payload), "\n")
}

// canonicalQuery is the query, each part encoded, in order.
func canonicalQuery(u *url.URL) string {
	var parts []string
	for name, values := range u.Query() {
		for _, value := range values {
			parts = append(parts, escape(name, "")+"="+escape(value, ""))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "&")
}

// escape writes every byte as %XX but RFC 3986's unreserved ones and those in keep.
func escape(text, keep string) string {
	const digits = "0123456789ABCDEF"
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		c := text[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~"+keep, c) >= 0 {
			out = append(out, c)
		} else {
			out = append(out, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(out)
}
