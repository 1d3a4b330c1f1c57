// Package evaluate says how good a classifier is on pictures whose true class is known, and how far its scores can be trusted.
//
// The figures are functions of plain slices: [LogLoss], [Brier], [Areas] and [Top] of probabilities, [EqualWidth], [EqualMass] and
// [ECE] of scores, [Wilson] and [ExactLower] of counts. Every one has the definition of scikit-learn or scipy, and a test compares it
// with theirs on random and degenerate input.
//
// [Run] computes them all for one [Set] of answers and adds what should be known before a figure is believed: leakage from the
// training pictures, duplicates, labels that the model contradicts, classes that are missing. A [Report] holds the outcome; packages
// page and figure below draw it.
//
// A figure that has no value (the ROC area of a class without pictures, say) is NaN to the functions and null in the report's JSON,
// never zero.
package evaluate
