package evaluate

import "slices"

// A Point says what a threshold does: pictures whose score is at least Threshold are accepted.
type Point struct {
	Threshold float64 `json:"threshold"`
	// Accepted pictures, Right of those answered correctly.
	Accepted int `json:"accepted"`
	Right    int `json:"right"`
	// Coverage is the share that is accepted, Accuracy that of the accepted which are right: NaN when none is accepted.
	Coverage float64 `json:"coverage"`
	Accuracy Number  `json:"accuracy"`
	// Interval of Accuracy, exact; 0 to 1 when none is accepted.
	Interval Interval `json:"interval"`
}

func newPoint(threshold float64, accepted, right, n int) Point {
	return Point{threshold, accepted, right, float64(accepted) / float64(n), share(right, accepted), Exact(right, accepted)}
}

// A curve is the accepted and the right pictures at every threshold that makes a difference: the distinct scores from the highest down.
type curve struct {
	score           []float64
	accepted, right []int
}

func newCurve(score []float64, right []bool) curve {
	var c curve
	accepted, good := 0, 0
	for _, t := range ties(score, right) {
		accepted += t.positive + t.negative
		good += t.positive
		c.score, c.accepted, c.right = append(c.score, t.score), append(c.accepted, accepted), append(c.right, good)
	}
	return c
}

func (c *curve) n() int { return c.accepted[len(c.accepted)-1] }

// maxPoints bounds the points that a report keeps.
const maxPoints = 200

// points of the curve, the highest threshold first: all, or maxPoints that lie about as many pictures apart.
func (c *curve) points() []Point {
	var points []Point
	next := 0.0
	for i, accepted := range c.accepted {
		if float64(accepted) >= next || i == len(c.accepted)-1 {
			points = append(points, newPoint(c.score[i], accepted, c.right[i], c.n()))
			next = float64(accepted) + float64(c.n())/maxPoints
			if c.n() <= maxPoints {
				next = 0
			}
		}
	}
	return points
}

// at is the point of any threshold.
func (c *curve) at(threshold float64) Point {
	// The threshold is a decimal that people write; the nearest float32 is what a score can equal, here as in package result.
	t := float64(float32(threshold))
	i, _ := slices.BinarySearchFunc(c.score, t, func(score, t float64) int {
		if score >= t {
			return -1
		}
		return 1
	})
	if i == 0 {
		return newPoint(threshold, 0, 0, c.n())
	}
	return newPoint(threshold, c.accepted[i-1], c.right[i-1], c.n())
}

// Coverage says how accuracy rises as a threshold on the score rises: the points from the highest score down. Of more than 200 distinct
// scores, some are left out. Errors wrap [ErrInput].
func Coverage(score []float64, right []bool) ([]Point, error) {
	if err := checkScores(score, right); err != nil {
		return nil, err
	}
	c := newCurve(score, right)
	return c.points(), nil
}

// CoverageAt says what one threshold does. Errors wrap [ErrInput].
func CoverageAt(score []float64, right []bool, threshold float64) (Point, error) {
	if err := checkScores(score, right); err != nil {
		return Point{}, err
	}
	c := newCurve(score, right)
	return c.at(threshold), nil
}
