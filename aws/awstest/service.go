package awstest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// A service is one of AWS's, as requests name it.
type service struct {
	name       string // what requests are signed for, which is what policies say before the colon
	model      string // the name of botocore's folder
	namespace  string // of answers in XML
	shapes     string // of errors' types, where they have one
	lower      bool   // members' names begin with a small letter
	operations map[string]operation
	routes     []route
	s3         bool
}

// A route is an operation of a service whose operations are methods and paths.
type route struct {
	pattern   string // "POST /things/{ThingName}"
	operation string
	status    int // of a good answer; 0 is 200
}

// services by what requests are signed for.
var services map[string]*service

func init() { // not in its declaration, for operations come back to it
	services = map[string]*service{}
	for _, s := range []*service{stsService(), iamService(), s3Service(), sagemakerService(), cloudwatchService(), logsService(), scalingService(),
		lambdaService(), statesService(), snsService(), sqsService(), eventsService(), schedulerService(), ecrService()} {
		services[s.name] = s
	}
}

var scope = regexp.MustCompile(`Credential=[^/]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request`)

// find says which operation a request is for, and reads its input.
func (c *call) find() {
	c.protocol, c.operation, c.regionID = wire.JSON11, "", "us-east-1"
	credential := c.request.Header.Get("Authorization")
	if signed := c.request.URL.Query().Get("X-Amz-Credential"); signed != "" {
		credential = "Credential=" + signed
	}
	match := scope.FindStringSubmatch(credential)
	if match == nil {
		c.err = &wire.Error{Status: http.StatusForbidden, Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token"}
		if c.request.Header.Get("X-Amz-Target") == "" { // pictures' addresses and the like
			c.protocol = wire.RESTXML
		}
		return
	}
	c.regionID = match[1]
	c.service = services[match[2]]
	if c.service == nil {
		c.err = &wire.Error{Status: http.StatusNotImplemented, Code: "NotImplemented", Message: "awstest has no service " + match[2]}
		c.t.Errorf("awstest: %s %s is for the service %s, which is not here", c.request.Method, c.request.URL, match[2])
		return
	}
	var err error
	switch {
	case c.service.s3:
		c.protocol = wire.RESTXML
		err = c.findS3()
	case strings.HasPrefix(c.request.URL.Path, "/service/"):
		err = c.findCBOR()
	case c.request.Header.Get("X-Amz-Target") != "":
		err = c.findTarget()
	case strings.HasPrefix(c.request.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		err = c.findForm()
	default:
		err = c.findRoute()
	}
	if err != nil {
		c.err = wire.Errorf("SerializationException", "%v", err)
	}
	if c.run == nil {
		c.run = c.service.operations[c.operation]
	}
	if c.run == nil && c.err == nil {
		c.err = &wire.Error{Status: http.StatusNotImplemented, Code: "UnknownOperationException", Message: "awstest has no operation " + c.name()}
		c.t.Errorf("awstest: %s (%s %s) is not here", c.name(), c.request.Method, c.request.URL)
	}
}

func (c *call) findTarget() (err error) {
	if strings.HasSuffix(c.request.Header.Get("Content-Type"), "1.0") {
		c.protocol = wire.JSON10
	}
	target := c.request.Header.Get("X-Amz-Target")
	c.operation = target[strings.LastIndexByte(target, '.')+1:]
	c.tree, err = wire.ParseJSON(c.body)
	return err
}

func (c *call) findForm() error {
	c.protocol = wire.Query
	form, err := url.ParseQuery(string(c.body))
	c.operation, c.tree = wire.ParseQuery(form)
	return err
}

func (c *call) findCBOR() (err error) {
	c.protocol = wire.CBOR
	c.operation = c.request.URL.Path[strings.LastIndexByte(c.request.URL.Path, '/')+1:]
	c.tree, err = wire.ParseCBOR(c.body)
	return err
}

// findRoute takes the input from path, query and body.
func (c *call) findRoute() error {
	c.protocol = wire.REST
	for _, r := range c.service.routes {
		values, ok := r.match(c.request)
		if !ok {
			continue
		}
		c.operation, c.status, c.tree = r.operation, r.status, map[string]any{}
		if strings.HasPrefix(c.request.Header.Get("Content-Type"), "application/json") && !strings.HasPrefix(r.operation, "Invoke") {
			tree, err := wire.ParseJSON(c.body)
			if err != nil {
				return err
			}
			c.tree = tree
		}
		for name, several := range c.request.URL.Query() {
			c.tree[name] = several[0]
			if strings.HasSuffix(name, "Keys") { // of tags, the one list in queries here
				list := make([]any, len(several))
				for i, one := range several {
					list[i] = one
				}
				c.tree[name] = list
			}
		}
		for name, value := range values {
			c.tree[name] = value
		}
		return nil
	}
	c.operation = c.request.Method + " " + c.request.URL.Path
	return nil
}

func (r route) match(request *http.Request) (map[string]string, bool) {
	method, pattern, _ := strings.Cut(r.pattern, " ")
	want := strings.Split(strings.Trim(pattern, "/"), "/")
	got := strings.Split(strings.Trim(request.URL.EscapedPath(), "/"), "/")
	if request.Method != method || len(want) != len(got) {
		return nil, false
	}
	values := map[string]string{}
	for i, part := range want {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			value, err := url.PathUnescape(got[i])
			if err != nil || value == "" {
				return nil, false
			}
			values[strings.TrimSuffix(name, "}")] = value
		} else if part != got[i] {
			return nil, false
		}
	}
	return values, true
}
