package awstest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// EpochTime is how long an epoch takes; what is not trained by epochs takes one.
const EpochTime = 10 * time.Second

// FailTraining makes a job fail with a reason while it trains.
func (s *Server) FailTraining(name, reason string) {
	s.eachTraining(name, func(j *trainingJob) { j.fault = &reason })
}

// InterruptTraining takes a spot job's machine away once; it starts again.
func (s *Server) InterruptTraining(name string) {
	s.eachTraining(name, func(j *trainingJob) { j.interrupt = true })
}

func (s *Server) eachTraining(name string, do func(*trainingJob)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.regions {
		if j := r.sagemaker.training[name]; j != nil {
			do(j)
		}
	}
}

// settleTraining takes the phases whose time has come.
func (r *region) settleTraining(j *trainingJob) {
	for {
		since := *j.transitions[len(j.transitions)-1].StartTime
		due := func(d time.Duration) bool { return !r.now.Before(since.Add(d)) }
		switch {
		case j.secondary == types.SecondaryStatusStarting && due(StartTime), j.secondary == types.SecondaryStatusInterrupted && due(StartTime):
			if j.start.IsZero() {
				j.start = since.Add(StartTime)
			}
			j.enter(types.SecondaryStatusDownloading, since.Add(StartTime), "Downloading input data")
		case j.secondary == types.SecondaryStatusDownloading && due(30*time.Second):
			if reason := r.untrainable(j); reason != "" {
				r.failTraining(j, since.Add(30*time.Second), reason)
				return
			}
			j.enter(types.SecondaryStatusTraining, since.Add(30*time.Second), "Training image download completed. Training in progress.")
			r.logTraining(j)
		case j.secondary == types.SecondaryStatusTraining && j.interrupt && value(j.in.EnableManagedSpotTraining):
			j.interrupt = false
			j.enter(types.SecondaryStatusInterrupted, r.now, "The instance was reclaimed; waiting for capacity")
		case j.secondary == types.SecondaryStatusTraining && j.fault != nil && due(EpochTime):
			r.failTraining(j, since.Add(EpochTime), *j.fault)
			return
		case j.secondary == types.SecondaryStatusTraining && due(j.limit()) && j.limit() < j.span():
			j.enter(types.SecondaryStatusMaxRuntimeExceeded, since.Add(j.limit()), "Training job runtime exceeded MaxRuntimeInSeconds provided")
			r.finish(j, types.TrainingJobStatusStopped, since.Add(j.limit()))
			return
		case j.secondary == types.SecondaryStatusTraining && due(j.span()):
			j.enter(types.SecondaryStatusUploading, since.Add(j.span()), "Uploading generated training model")
		case j.secondary == types.SecondaryStatusUploading && due(30*time.Second):
			j.enter(types.SecondaryStatusCompleted, since.Add(30*time.Second), "Training job completed")
			r.finish(j, types.TrainingJobStatusCompleted, since.Add(30*time.Second))
			return
		case j.secondary == types.SecondaryStatusStopping && due(StopTime):
			j.enter(types.SecondaryStatusStopped, since.Add(StopTime), "Training job stopped")
			r.finish(j, types.TrainingJobStatusStopped, since.Add(StopTime))
			return
		default:
			return
		}
	}
}

func (j *trainingJob) limit() time.Duration {
	if seconds := value(j.in.StoppingCondition.MaxRuntimeInSeconds); seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	return 24 * time.Hour
}

// span is how long the job trains.
func (j *trainingJob) span() time.Duration {
	return time.Duration(max(j.number("epochs", 1), 1)) * EpochTime
}

func (j *trainingJob) number(name string, otherwise float64) float64 {
	if n, err := strconv.ParseFloat(j.in.HyperParameters[name], 64); err == nil {
		return n
	}
	return otherwise
}

func (r *region) failTraining(j *trainingJob, at time.Time, reason string) {
	j.reason = &reason
	j.enter(types.SecondaryStatusFailed, at, "Training job failed")
	j.status, j.end = types.TrainingJobStatusFailed, at
}

// untrainable says why the data cannot be had, or why the built-in algorithm would not take its parameters.
func (r *region) untrainable(j *trainingJob) string {
	role := value(j.in.RoleArn)
	if reason := r.pullable(role, value(j.in.AlgorithmSpecification.TrainingImage)); reason != "" {
		return "ClientError: " + reason
	}
	for _, channel := range j.in.InputDataConfig {
		if channel.DataSource == nil || channel.DataSource.S3DataSource == nil {
			continue
		}
		bucket, keys, _, reason := r.objects(role, &types.TransformS3DataSource{S3Uri: channel.DataSource.S3DataSource.S3Uri, S3DataType: channel.DataSource.S3DataSource.S3DataType})
		if reason != "" {
			return reason
		}
		for _, key := range keys {
			if !r.may(role, "s3:GetObject", "arn:aws:s3:::"+bucket+"/"+key, nil) {
				return "ClientError: Data download failed:Failed to download data. Access denied to s3://" + bucket + "/" + key
			}
		}
	}
	if !strings.Contains(value(j.in.AlgorithmSpecification.TrainingImage), "/image-classification:") {
		return ""
	}
	var channels []string
	for _, channel := range j.in.InputDataConfig {
		channels = append(channels, *channel.ChannelName)
	}
	if !slices.Contains(channels, "train") {
		return "ClientError: Unable to initialize the algorithm. Failed to validate input data configuration. (caused by ValidationError) Caused by: u'train' is a required property"
	}
	for _, name := range []string{"num_classes", "num_training_samples"} {
		if j.number(name, 0) < 1 {
			return "ClientError: Unable to initialize the algorithm. Failed to validate hyperparameters. (caused by ValidationError) Caused by: u'" + name + "' is a required property"
		}
	}
	if j.number("mini_batch_size", 32) > j.number("num_training_samples", 0) {
		return "ClientError: The mini_batch_size is larger than the number of training samples"
	}
	return ""
}

// accuracy of an epoch: better with each, and best with a learning rate of a hundredth.
func (j *trainingJob) accuracy(epoch int) float64 {
	rate := math.Abs(math.Log10(max(j.number("learning_rate", 0.1), 1e-9)) + 2)
	return math.Round(1e6*(0.5+(0.42-0.04*min(rate, 8))*(1-math.Exp(-float64(epoch+1)/4)))) / 1e6
}

// logTraining writes the lines that the built-in algorithm writes, each at its time, where the role may.
func (r *region) logTraining(j *trainingJob) {
	begun := *j.transitions[len(j.transitions)-1].StartTime
	group := "/aws/sagemaker/TrainingJobs"
	stream := fmt.Sprintf("%s/algo-1-%d", *j.in.TrainingJobName, j.start.Unix())
	arn := *r.arn("logs", "log-group:"+group)
	role := value(j.in.RoleArn)
	logged := r.may(role, "logs:PutLogEvents", arn+":log-stream:"+stream, nil) && r.may(role, "logs:CreateLogStream", arn, nil) || r.may(role, "logs:PutLogEvents", arn+":*", nil)
	write := func(at time.Time, lines ...string) {
		if logged {
			r.write(group, stream, at, lines...)
		}
	}
	write(begun, "Docker entrypoint called with argument(s): train", fmt.Sprintf("[%s INFO] Reading provided configuration from /opt/ml/input/config/hyperparameters.json", begun.Format("01/02/2006 15:04:05")))
	j.epochs = nil
	best := 0.0
	for epoch := range int(max(j.number("epochs", 1), 1)) {
		at := begun.Add(time.Duration(epoch+1)*EpochTime - time.Second)
		v := j.accuracy(epoch)
		j.epochs = append(j.epochs, v)
		lines := []string{
			fmt.Sprintf("Epoch[%d] Batch [20]\tSpeed: %.2f samples/sec\taccuracy=%.6f", epoch, 187.23, max(v-0.02, 0)),
			fmt.Sprintf("Epoch[%d] Train-accuracy=%.6f", epoch, min(v+0.03, 1)), fmt.Sprintf("Epoch[%d] Time cost=%.3f", epoch, 5.1), fmt.Sprintf("Epoch[%d] Validation-accuracy=%.6f", epoch, v),
		}
		if v > best {
			best = v
			lines = append(lines, fmt.Sprintf("Storing the best model with validation accuracy: %.6f", v), fmt.Sprintf("Saved checkpoint to \"/opt/ml/model/image-classification-%04d.params\"", epoch+1))
		}
		write(at, lines...)
	}
}

// finish ends a job that leaves an artifact, where the role may write it.
func (r *region) finish(j *trainingJob, status types.TrainingJobStatus, at time.Time) {
	j.status, j.end = status, at
	if j.start.IsZero() {
		return // stopped before there was anything
	}
	bucket, prefix, _ := splitS3(value(j.in.OutputDataConfig.S3OutputPath))
	key := strings.TrimPrefix(strings.Trim(prefix, "/")+"/"+*j.in.TrainingJobName+"/output/model.tar.gz", "/")
	b := r.s3.buckets[bucket]
	if b == nil || !r.may(value(j.in.RoleArn), "s3:PutObject", "arn:aws:s3:::"+bucket+"/"+key, nil) {
		reason := "ClientError: Artifact upload failed:Error 7: The credentials received are invalid or may not write s3://" + bucket + "/" + key
		j.reason, j.status = &reason, types.TrainingJobStatusFailed
		j.secondary = types.SecondaryStatusFailed
		return
	}
	data := r.o.Artifact
	if data == nil {
		data = emptyArchive()
	}
	r.store(b, key, data, "application/x-tar")
	j.artifact = new("s3://" + bucket + "/" + key)
	if len(j.epochs) > 0 && status == types.TrainingJobStatusCompleted {
		last := slices.Max(j.epochs)
		for name, v := range map[string]float64{"train:accuracy": min(last+0.03, 1), "validation:accuracy": last} {
			j.metrics = append(j.metrics, types.MetricData{MetricName: &name, Value: new(float32(v)), Timestamp: &at})
		}
		slices.SortFunc(j.metrics, func(a, b types.MetricData) int { return strings.Compare(*a.MetricName, *b.MetricName) })
	}
}

// emptyArchive is a .tar.gz with nothing in it.
func emptyArchive() []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(make([]byte, 1024))
	_ = w.Close()
	return b.Bytes()
}
