package train

import "regexp"

// An explanation is a kind of failure by the text that tells it, with the next step.
type explanation struct {
	pattern *regexp.Regexp
	next    string
}

// explanations, the more telling first. The texts are those of SageMaker and of the algorithm, as its users quote them.
var explanations = []explanation{
	{regexp.MustCompile(`(?i)CapacityError|insufficient ?capacity|unable to provision`),
		"AWS has no such machine free now, and charged nothing: try again later, another --instance, or another region"},
	{regexp.MustCompile(`(?i)mini_batch_size|mini-batch size`),
		"the batch is larger than the number of pictures, or too large for the machine's memory: --set mini_batch_size=N with a smaller N"},
	{regexp.MustCompile(`(?i)out of memory|cudaMalloc|CUDNN_STATUS_ALLOC_FAILED`),
		"the GPU's memory is full: a smaller --set mini_batch_size=N, fewer layers, or a larger --instance"},
	{regexp.MustCompile(`(?i)hyperparameter|required property|not valid under any`),
		"a hyperparameter is not as the algorithm wants it: scones train --local checks them without cost"},
	{regexp.MustCompile(`(?i)image (?:size|shape)|smaller than|data shape|label width`),
		"pictures are smaller than image_shape, or the list does not fit: scones stage writes them in one size; --set image_shape=3,H,W says which"},
	{regexp.MustCompile(`(?i)no s3 objects? found|no such (?:key|bucket)|does not exist in the bucket|NoSuchBucket|file not found`),
		"the data is not where the job looks: aws s3 ls shows what there is below --data"},
	{regexp.MustCompile(`(?i)access ?denied|not authorized|403|forbidden|may not`),
		"the job's role may not do this: leave --role out to have one made that may, or give it what scones train --local prints"},
	{regexp.MustCompile(`(?i)artifact upload failed`),
		"the model could not be stored: does the bucket of --output exist, in this region, and may the role write to it?"},
	{regexp.MustCompile(`(?i)Data download failed`),
		"the data could not be read: is the bucket in the job's region, and may the role list and read it?"},
	{regexp.MustCompile(`(?i)InternalServerError|Internal ?Error|Platform ?Error|please try again`),
		"the fault is AWS's own: run the same command again"},
	{regexp.MustCompile(`(?i)AlgorithmError|Algorithm Error|exit code`),
		"the algorithm broke off: its last log lines, above or with scones train follow, say at what"},
}

// Explain says what to do about a failure's reason; empty when it is of no known kind.
func Explain(reason string) string {
	for _, e := range explanations {
		if e.pattern.MatchString(reason) {
			return e.next
		}
	}
	return ""
}
