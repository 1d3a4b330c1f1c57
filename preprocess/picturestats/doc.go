// Package picturestats measures pictures with a few numbers each, for telling one collection from another: how large, bright, sharp and
// colourful they are, and which of them are the same.
//
// A [Reader] takes the [Stats] of a file's bytes. [Metrics] lists the numbers with their units, for loops over all of them. What is
// measured is the upright picture in 8-bit RGB as package preprocess decodes it, at its full size. Luma is ITU-R BT.601's in whole grey
// levels, as Pillow's convert("L").
//
//	metric          unit          range       definition
//	width, height   pixels        1 …         after EXIF orientation
//	aspect          width/height  > 0         1 is a square
//	bytes_per_pixel bytes         > 0         of the file, headers included
//	brightness      share         0 … 1       mean luma / 255
//	contrast        share         0 … 0.5     root mean square: standard deviation of luma / 255 (Peli 1990, eq. 4)
//	colourfulness   grey levels   0 … 255     Hasler and Süsstrunk 2003, M(3); 15 slightly, 33 moderately, 59 quite, 109 extremely colourful
//	saturation      share         0 … 1       mean of HSV's S, (max − min) / max of a pixel, 0 for black
//	sharpness       grey levels²  0 …         variance of the Laplacian of luma (Pech-Pacheco 2000): 4 neighbours, edges mirrored about
//	                                          the outermost pixels, as OpenCV's Laplacian with ksize 1; low is blurred
//	entropy         bits          0 … 8       Shannon's, of the histogram of luma; low has little in it
//
// Standard deviations are those of a whole population (divided by n).
//
// Sources: E. Peli, Contrast in complex images, JOSA A 7(10), 1990. D. Hasler and S. Süsstrunk, Measuring colourfulness in natural
// images, SPIE 5007, 2003. J. L. Pech-Pacheco et al., Diatom autofocusing in brightfield microscopy, ICPR 2000.
package picturestats
