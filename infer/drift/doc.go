// Package drift tells whether a window of answers differs from a baseline by more than chance, at the number of rows that there are.
//
// A [Sample] is a table: a row for each answered request, columns of numbers, of words or of vectors. [NewBaseline] keeps a sample as
// what is normal; [Run] compares a window with it and returns a [Report] with one [Verdict]:
//
//   - drift: at least one test is significant at the run's level, and its effect is not too small to matter.
//   - quiet: none is, although a large shift would have been seen.
//   - cannot say: none is, and even a large shift might have been missed with so few rows.
//
// Every test has its true size at any number of rows, with ties and few values too: its null distribution is that of permutations,
// counted where that can be done, drawn otherwise (package twosample). All tests of a run hold one false-alarm rate together (Holm 1979,
// weighted by [Group]); a [Sequence] holds it over all runs against the same baseline.
//
// A rate holds over baselines and windows together: a baseline is a sample itself, and one that is unlucky is unlucky for every window.
// The minimum effect keeps such a baseline from alarming for ever.
package drift
