package onnx

// operators holds the conversions by MXNet's operator names, old names included.
var operators = map[string]func(*conversion) (*value, error){}

func init() {
	for _, entry := range []struct {
		names []string
		apply func(*conversion) (*value, error)
	}{
		{[]string{"Convolution", "Convolution_v1"}, convConvolution},
		{[]string{"FullyConnected"}, convFullyConnected},
		{[]string{"BatchNorm", "BatchNorm_v1", "CuDNNBatchNorm"}, convBatchNorm},
		{[]string{"Activation"}, convActivation},
		{[]string{"LeakyReLU"}, convLeakyReLU},
		{[]string{"relu"}, convUnary("Relu", plainValue)},
		{[]string{"tanh"}, convUnary("Tanh", plainValue)},
		{[]string{"softsign"}, convUnary("Softsign", plainValue)},
		{[]string{"sigmoid"}, convUnary("Sigmoid", sigmoidValue)},
		{[]string{"LogisticRegressionOutput"}, convUnary("Sigmoid", sigmoidValue)},
		{[]string{"SoftmaxOutput", "Softmax"}, convSoftmaxOutput},
		{[]string{"SoftmaxActivation"}, convSoftmaxActivation},
		{[]string{"softmax"}, convSoftmax},
		{[]string{"Pooling", "Pooling_v1"}, convPooling},
		{[]string{"Flatten", "flatten"}, convFlatten},
		{[]string{"Reshape", "reshape"}, convReshape},
		{[]string{"transpose"}, convTranspose},
		{[]string{"Concat", "concat"}, convConcat},
		{[]string{"slice_axis"}, convSliceAxis},
		{[]string{"Pad", "pad"}, convPad},
		{[]string{"clip"}, convClip},
		{[]string{"mean"}, convMean},
		{[]string{"Cast", "cast", "amp_cast"}, convCast},
		{[]string{
			"identity", "_copy", "BlockGrad", "stop_gradient", "MakeLoss", "make_loss", "Dropout",
		}, convNothing},
		{[]string{"ElementWiseSum", "add_n", "_sum"}, convSum},
		{[]string{"elemwise_add", "_plus", "_Plus", "_add", "_grad_add", "broadcast_add", "broadcast_plus"}, convBinary("Add")},
		{[]string{"elemwise_sub", "_minus", "_Minus", "_sub", "broadcast_sub", "broadcast_minus"}, convBinary("Sub")},
		{[]string{"elemwise_mul", "_mul", "_Mul", "broadcast_mul"}, convBinary("Mul")},
		{[]string{"elemwise_div", "_div", "_Div", "broadcast_div"}, convBinary("Div")},
		{[]string{"_plus_scalar", "_PlusScalar"}, convScalar("Add", false)},
		{[]string{"_minus_scalar", "_MinusScalar"}, convScalar("Sub", false)},
		{[]string{"_rminus_scalar", "_RMinusScalar"}, convScalar("Sub", true)},
		{[]string{"_mul_scalar", "_MulScalar"}, convScalar("Mul", false)},
		{[]string{"_div_scalar", "_DivScalar"}, convScalar("Div", false)},
		{[]string{"_rdiv_scalar", "_RDivScalar"}, convScalar("Div", true)},
	} {
		for _, name := range entry.names {
			operators[name] = entry.apply
		}
	}
}

// convNothing is for what does nothing when a model infers.
func convNothing(c *conversion) (*value, error) {
	v, err := c.data(0)
	if err != nil {
		return nil, err
	}
	return c.pass(v), nil
}

// casts holds the ONNX element types that a Cast of a network may lead to besides floats.
var casts = map[string]int64{
	"uint8": elementUint8, "int8": elementInt8, "int32": elementInt32, "int64": elementInt64, "bool": elementBool,
}

// convCast leaves casts between floats out: the graph computes in float32, which holds every float16.
func convCast(c *conversion) (*value, error) {
	v, err := c.data(0)
	if err != nil {
		return nil, err
	}
	to := int64(elementFloat32)
	switch name := c.Text("dtype", ""); name {
	case "float32", "float64", "float16", "bfloat16":
		if v.element == elementFloat32 {
			return c.pass(v), nil
		}
	default:
		ok := false
		if to, ok = casts[name]; !ok {
			return nil, c.problem("attribute \"dtype\" is %.100q, which cannot be converted", name)
		}
	}
	out := c.emit("Cast", []string{v.name}, v.dims, intAttr("to", to))
	out.element = to
	return out, nil
}
