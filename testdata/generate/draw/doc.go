// Package draw paints bicycles and motorcycles, seen from the side, as a camera might have taken them.
//
// A scene is painted back to front onto a [Canvas] of float32 RGB: a backdrop, a shadow, a vehicle and
// perhaps a rider, each made of anti-aliased shapes ([Path]) with a [Material]. A [Camera] then shrinks,
// blurs and grains the result. Shapes are in metres with y upwards and the ground at y = 0; a [View] says
// where a metre lands on the canvas.
//
// Everything is a function of its arguments and of a seed, so a scene drawn twice is equal in every bit
// on one architecture. Between architectures the last bits may differ, because Go may fuse a
// multiplication with an addition where the processor can.
package draw
