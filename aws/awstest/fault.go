package awstest

import (
	"net/http"
	"time"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// An Effect is what goes wrong with a call.
type Effect int

// The effects.
const (
	FailBefore Effect = iota // 500, and nothing was done
	FailAfter                // 500, though it was done
	CutBefore                // the connection ends without an answer, and nothing was done
	CutAfter                 // the connection ends without an answer, though it was done
	Throttle                 // refused as one too many
	Deny                     // refused as not allowed
	Slow                     // done, and answered after Delay
)

// A Fault is something that is to go wrong.
type Fault struct {
	// Operation is which calls are counted, such as "sagemaker:CreateModel"; empty are all.
	Operation string
	// Writes counts those alone that change something.
	Writes bool
	// Call is the number, from 1, of the first that goes wrong after the fault was injected; zero is the first.
	Call int
	// Times is how many go wrong; zero is one, less is all from Call on, as when the caller's network is gone for good.
	Times  int
	Effect Effect
	Delay  time.Duration // of Slow, by the wall's clock

	seen int
}

// Inject adds a fault. Where several meet one call, the first that was added happens.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal takes away all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// strikes counts a call and tells whether it goes wrong.
func (f *Fault) strikes(c *call) bool {
	if f.Operation != "" && f.Operation != c.name() || f.Writes && !c.writes() {
		return false
	}
	f.seen++
	first := max(f.Call, 1)
	return f.seen >= first && (f.Times < 0 || f.seen < first+max(f.Times, 1))
}

func (f *Fault) before() bool {
	return f != nil && (f.Effect == FailBefore || f.Effect == CutBefore || f.Effect == Throttle || f.Effect == Deny)
}

func (f *Fault) after() bool { return f != nil && (f.Effect == FailAfter || f.Effect == CutAfter) }

// fail answers for a call that goes wrong.
func (s *Server) fail(w http.ResponseWriter, c *call, f *Fault) {
	switch f.Effect {
	case CutBefore, CutAfter:
		panic(http.ErrAbortHandler)
	case Throttle:
		e := wire.Errorf("ThrottlingException", "Rate exceeded")
		switch c.service.name {
		case "s3":
			e = &wire.Error{Status: http.StatusServiceUnavailable, Code: "SlowDown", Message: "Please reduce your request rate."}
		case "iam", "sts", "sns":
			e = wire.Errorf("Throttling", "Rate exceeded")
		case "lambda":
			e = &wire.Error{Status: http.StatusTooManyRequests, Code: "TooManyRequestsException", Message: "Rate Exceeded."}
		}
		c.refuse(w, e)
	case Deny:
		code := "AccessDeniedException"
		switch c.service.name {
		case "s3", "iam", "sts":
			code = "AccessDenied"
		case "sns":
			code = "AuthorizationError"
		}
		c.refuse(w, &wire.Error{Status: http.StatusForbidden, Code: code, Message: "User: " + callerARN + " is not authorized to perform: " + c.name()})
	default:
		code := "InternalFailure"
		if c.service.name == "s3" {
			code = "InternalError"
		}
		c.refuse(w, &wire.Error{Status: http.StatusInternalServerError, Code: code, Message: "We encountered an internal error. Please try again."})
	}
}
