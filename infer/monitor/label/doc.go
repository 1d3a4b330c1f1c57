// Package label lets a person name the class of a few pictures of a model's service, in a browser on this machine, and keeps the answers
// for retraining.
//
// [Choose] picks the pictures: those that carry a drift, and those whose confidence is nearest the threshold. A [Session] is a folder with
// the pictures and the answers; every answer is on disk before the next question is shown, so that nothing is lost when the process ends,
// and a session goes on where it stopped. [Session.Handler] is its page.
//
// The folder holds
//
//	train.lst      index, class and path of each labelled picture, with tabs between, as SageMaker's image classification takes it
//	truth.csv      id and label, the id being the inference's, else the event's, else the path, for scones monitor run --truth
//	pictures/      the pictures themselves
//	session.json   the questions and all answers
//
// # Security
//
// The page is for one person on this machine: its address holds a secret, without which every request is answered 404; a request under
// another name than this machine's, or one to change something that comes from another page, is refused. Nothing is loaded from elsewhere.
package label
