package bench

import (
	"runtime"
	"time"
)

// A Machine is what the figures were measured on.
type Machine struct {
	// CPU as the system names it; the architecture where it does not.
	CPU string `json:"cpu"`
	// Cores that this process may use.
	Cores int    `json:"cores"`
	OS    string `json:"os"`
	Arch  string `json:"arch"`
	// OthersShare of the processor that other processes and, in a virtual machine, the host took while the pipeline ran, 0 to 1; -1
	// where the system does not tell.
	OthersShare float64 `json:"others_share"`
}

// DoubtfulShare of the processor in others' hands is where figures stop meaning much.
const DoubtfulShare = 0.05

// Doubtful tells whether so much else ran that the figures are not the machine's.
func (m *Machine) Doubtful() bool { return m.OthersShare > DoubtfulShare }

func cores() int { return runtime.GOMAXPROCS(0) }

// ThisMachine names the machine.
func ThisMachine() Machine {
	m := Machine{CPU: cpuName(), Cores: cores(), OS: runtime.GOOS, Arch: runtime.GOARCH, OthersShare: -1}
	if m.CPU == "" {
		m.CPU = m.Arch
	}
	return m
}

// others watches what is not this process.
type others struct {
	total, busy, own time.Duration
	share            float64
}

func newOthers() *others { return &others{share: -1} }

// start begins a stretch, stop ends it; the largest share of any stretch counts.
func (o *others) start() {
	o.total, o.busy = machineTime()
	o.own = processTime()
}

func (o *others) stop() {
	total, busy := machineTime()
	if total <= o.total { // not known here, or no tick has passed
		return
	}
	foreign := busy - o.busy - (processTime() - o.own)
	o.share = max(o.share, min(max(float64(foreign)/float64(total-o.total), 0), 1))
}
