package onnx_test

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
)

const flat = `{"op":"Flatten","name":"flat","inputs":["<x>"]}`

// TestExportRefuses gives nodes that cannot be converted exactly. Each error must name operator, node and what is wrong.
func TestExportRefuses(t *testing.T) {
	conv := map[string][]int64{"w": {4, 3, 3, 3}, "b": {4}}
	norm := map[string][]int64{"gamma": {3}, "beta": {3}, "mean": {3}, "variance": {3}}
	bn := `"inputs":["<data>","<gamma>","<beta>","<mean>","<variance>"]}`
	for name, c := range map[string]struct {
		node   string
		arrays map[string][]int64
		says   string
	}{
		"unknown operator":        {`{"op":"Deconvolution","name":"x","inputs":["<data>"]}`, nil, "cannot be converted"},
		"1-D convolution":         {`{"op":"Convolution","name":"x","attrs":{"kernel":"(3,)","num_filter":"4"},"inputs":["<data>","<w>","<b>"]}`, conv, "1 dimensions"},
		"3-D convolution":         {`{"op":"Convolution","name":"x","attrs":{"kernel":"(3,3,3)","num_filter":"4"},"inputs":["<data>","<w>","<b>"]}`, conv, "3 dimensions"},
		"NHWC":                    {`{"op":"Convolution","name":"x","attrs":{"kernel":"(3,3)","num_filter":"4","layout":"NHWC"},"inputs":["<data>","<w>","<b>"]}`, conv, "layout"},
		"wrong weight":            {`{"op":"Convolution","name":"x","attrs":{"kernel":"(3,3)","num_filter":"5"},"inputs":["<data>","<w>","<b>"]}`, conv, `"w" has the shape`},
		"missing bias":            {`{"op":"Convolution","name":"x","attrs":{"kernel":"(3,3)","num_filter":"4"},"inputs":["<data>","<w>"]}`, conv, "2 inputs, want 3"},
		"kernel too large":        {`{"op":"Convolution","name":"x","attrs":{"kernel":"(9,9)","num_filter":"4"},"inputs":["<data>","<w>","<b>"]}`, conv, "fit"},
		"stride 0":                {`{"op":"Convolution","name":"x","attrs":{"kernel":"(3,3)","num_filter":"4","stride":"(0,1)"},"inputs":["<data>","<w>","<b>"]}`, conv, "stride"},
		"huge padding":            {`{"op":"Convolution","name":"x","attrs":{"kernel":"(3,3)","num_filter":"4","pad":"(999999999,1)"},"inputs":["<data>","<w>","<b>"]}`, conv, "padding"},
		"groups that do not fit":  {`{"op":"Convolution","name":"x","attrs":{"kernel":"(3,3)","num_filter":"4","num_group":"2"},"inputs":["<data>","<w>","<b>"]}`, conv, "groups"},
		"weight is a node":        {`{"op":"Convolution","name":"x","attrs":{"kernel":"(3,3)","num_filter":"4"},"inputs":["<data>","<data>","<b>"]}`, conv, "stored array"},
		"batch norm on axis 3":    {`{"op":"BatchNorm","name":"x","attrs":{"axis":"3"},` + bn, norm, "axis 3"},
		"batch norm, short mean":  {`{"op":"BatchNorm","name":"x",` + bn, map[string][]int64{"gamma": {3}, "beta": {3}, "mean": {2}, "variance": {3}}, `"mean" has the shape`},
		"sum pooling":             {`{"op":"Pooling","name":"x","attrs":{"kernel":"(2,2)","pool_type":"sum"},"inputs":["<data>"]}`, nil, "pool_type"},
		"same pooling":            {`{"op":"Pooling","name":"x","attrs":{"kernel":"(2,2)","pooling_convention":"same"},"inputs":["<data>"]}`, nil, "pooling_convention"},
		"window in the padding":   {`{"op":"Pooling","name":"x","attrs":{"kernel":"(2,2)","pad":"(2,2)"},"inputs":["<data>"]}`, nil, "outside"},
		"unknown activation":      {`{"op":"Activation","name":"x","attrs":{"act_type":"mish"},"inputs":["<data>"]}`, nil, "act_type"},
		"random slope":            {`{"op":"LeakyReLU","name":"x","attrs":{"act_type":"rrelu"},"inputs":["<data>"]}`, nil, "act_type"},
		"prelu slopes":            {`{"op":"LeakyReLU","name":"x","attrs":{"act_type":"prelu"},"inputs":["<data>","<s>"]}`, map[string][]int64{"s": {2}}, "slopes"},
		"softmax over 4-D":        {`{"op":"SoftmaxOutput","name":"x","inputs":["<data>"]}`, nil, "builds"},
		"softmax axis":            {`{"op":"softmax","name":"x","attrs":{"axis":"7"},"inputs":["<data>"]}`, nil, "axis 7"},
		"reshape that loses":      {`{"op":"Reshape","name":"x","attrs":{"shape":"(0, 5)"},"inputs":["<data>"]}`, nil, "become"},
		"reshape of the batch":    {`{"op":"Reshape","name":"x","attrs":{"shape":"(64, -1)"},"inputs":["<data>"]}`, nil, "become"},
		"reshape backwards":       {`{"op":"Reshape","name":"x","attrs":{"shape":"(0, -1)","reverse":"True"},"inputs":["<data>"]}`, nil, "forwards"},
		"transpose twice":         {`{"op":"transpose","name":"x","attrs":{"axes":"(0, 1, 1, 3)"},"inputs":["<data>"]}`, nil, "axes"},
		"concat of batches":       {`{"op":"Concat","name":"x","attrs":{"dim":"0"},"inputs":["<data>","<data>"]}`, nil, "dimension 0"},
		"slice of nothing":        {`{"op":"slice_axis","name":"x","attrs":{"axis":"1","begin":"2","end":"2"},"inputs":["<data>"]}`, nil, "2 to 2 of 3"},
		"mean over the batch":     {`{"op":"mean","name":"x","inputs":["<data>"]}`, nil, "batch"},
		"reflection too wide":     {`{"op":"Pad","name":"x","attrs":{"mode":"reflect","pad_width":"(0,0,0,0,6,0,0,0)"},"inputs":["<data>"]}`, nil, "padding"},
		"add of other shapes":     {`{"op":"elemwise_add","name":"x","inputs":["<data>","<w>"]}`, conv, "shapes"},
		"cast to complex":         {`{"op":"Cast","name":"x","attrs":{"dtype":"complex64"},"inputs":["<data>"]}`, nil, "dtype"},
		"attribute that is wrong": {`{"op":"clip","name":"x","attrs":{"a_min":"low","a_max":"1"},"inputs":["<data>"]}`, nil, "a_min"},
		"no scalar":               {`{"op":"_mul_scalar","name":"x","inputs":["<data>"]}`, nil, "scalar"},
		"one input of two":        {`{"op":"elemwise_add","name":"x","inputs":["<data>"]}`, nil, "1 inputs, want 2"},
		"fully connected":         {`{"op":"FullyConnected","name":"x","attrs":{"num_hidden":"4","no_bias":"1"},"inputs":["<data>","<w>"]}`, conv, `want [4 126]`},
	} {
		t.Run(name, func(t *testing.T) {
			err := exportError(t, network{nodes: []string{c.node, flat}, arrays: c.arrays}, onnx.ExportOptions{})
			if !errors.Is(err, mxnet.ErrArtifact) || !strings.Contains(err.Error(), c.says) ||
				!strings.Contains(err.Error(), "operator") || !strings.Contains(err.Error(), `node "x"`) {
				t.Errorf("Export gives error %v, want ErrArtifact that names operator and node and says %q", err, c.says)
			}
		})
	}
}

func exportError(t *testing.T, n network, o onnx.ExportOptions) error {
	t.Helper()
	a, err := mxnet.Open(n.folder(t), mxnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	_, err = onnx.Export(io.Discard, a, o)
	return err
}

// TestExportRefusesNetworks gives networks whose whole is wrong.
func TestExportRefusesNetworks(t *testing.T) {
	relu := `{"op":"relu","name":"x","inputs":["<data>"]}`
	for name, c := range map[string]struct {
		n    network
		o    onnx.ExportOptions
		says string
	}{
		"missing array":   {network{nodes: []string{`{"op":"null","name":"w"}`, `{"op":"broadcast_add","name":"x","inputs":["<data>","<w>"]}`, flat}}, onnx.ExportOptions{}, `array "w" is missing`},
		"no shape":        {network{nodes: []string{relu, flat}, shape: `[]`}, onnx.ExportOptions{}, "model-shapes.json"},
		"two pictures":    {network{nodes: []string{relu, flat}, shape: `[{"name":"data","shape":[1,3,4,4]},{"name":"b","shape":[1,3,4,4]}]`}, onnx.ExportOptions{}, "two inputs"},
		"four channels":   {network{nodes: []string{relu, flat}, shape: `[{"name":"data","shape":[1,4,4,4]}]`}, onnx.ExportOptions{}, "channels"},
		"other input":     {network{nodes: []string{relu, flat}, shape: `[{"name":"picture","shape":[1,3,4,4]}]`}, onnx.ExportOptions{}, `"picture"`},
		"scores in 4-D":   {network{nodes: []string{relu}}, onnx.ExportOptions{}, "one score a class"},
		"head is data":    {network{heads: "<data>", shape: `[{"name":"data","shape":[1,3,1,1]}]`}, onnx.ExportOptions{}, "input itself"},
		"two heads":       {network{nodes: []string{relu, flat}, heads: "<x>,<flat>"}, onnx.ExportOptions{}, `"x", "flat"`},
		"only losses":     {network{nodes: []string{`{"op":"MakeLoss","name":"x","inputs":["<data>"]}`}, heads: "<x>,<x>"}, onnx.ExportOptions{}, "0 of the symbol's 2 heads"},
		"labels":          {network{nodes: []string{relu, flat}}, onnx.ExportOptions{Labels: []string{"a", "b"}}, "2 labels given, the model has 126 classes"},
		"input element":   {network{nodes: []string{relu, flat}}, onnx.ExportOptions{Input: model.Float16}, "float16"},
		"filter":          {network{nodes: []string{relu, flat}}, onnx.ExportOptions{Filter: "box"}, "filter"},
		"circle":          {network{nodes: []string{`{"op":"relu","name":"x","inputs":[[1,0]]}`}}, onnx.ExportOptions{}, "depends on itself"},
		"too many pixels": {network{nodes: []string{relu, flat}, shape: `[{"name":"data","shape":[1,3,4,99999]}]`}, onnx.ExportOptions{}, "pixels"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := exportError(t, c.n, c.o); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Export gives error %v, want one that says %q", err, c.says)
			}
		})
	}
}

// TestExportWarnings: what the user should know is said, and nothing else.
func TestExportWarnings(t *testing.T) {
	dense := `{"op":"FullyConnected","name":"x","attrs":{"num_hidden":"2","no_bias":"1"},"inputs":["<data>","<w>"]}`
	softmax := `{"op":"SoftmaxOutput","name":"softmax","inputs":["<x>"]}`
	labels := []string{"a", "b"}
	w := map[string][]int64{"w": {2, 126}}
	for name, c := range map[string]struct {
		n      network
		labels []string
		says   []string
	}{
		"nothing":  {network{nodes: []string{dense, softmax}, arrays: w}, labels, nil},
		"labels":   {network{nodes: []string{dense, softmax}, arrays: w}, nil, []string{"class_0 to class_1"}},
		"unused":   {network{nodes: []string{dense, softmax}, arrays: map[string][]int64{"w": {2, 126}, "left": {1}}}, labels, []string{`"left"`}},
		"NaN":      {network{nodes: []string{dense, softmax}, arrays: w, fill: float32(math.NaN())}, labels, []string{"diverged"}},
		"infinite": {network{nodes: []string{dense, softmax}, arrays: w, fill: float32(math.Inf(1))}, labels, []string{`"w"`}},
		"no head":  {network{nodes: []string{dense}, arrays: w}, labels, []string{"neither a softmax nor a sigmoid"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, done := export(t, c.n.folder(t), onnx.ExportOptions{Labels: c.labels})
			if len(done.Warnings) != len(c.says) {
				t.Fatalf("warnings are %q, want %d", done.Warnings, len(c.says))
			}
			for i, says := range c.says {
				if !strings.Contains(done.Warnings[i], says) {
					t.Errorf("warning %q does not say %q", done.Warnings[i], says)
				}
			}
		})
	}
}
