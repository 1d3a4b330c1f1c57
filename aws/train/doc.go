// Package train runs SageMaker's built-in image classification: it checks the hyperparameters as the algorithm does before anything costs
// money, makes the job, follows it by its log, and says what went wrong.
//
// The hyperparameters are data ([Parameters]); [Settings] checks a choice of them against each other and against the training list
// ([ReadList]). A [Service] creates and describes jobs; a [Curve] reads the log lines; [Explain] turns a failure into the next step.
package train
