"""Measures the pictures named on the command line with OpenCV, scikit-image and Pillow; prints a JSON object a line."""
import json
import sys

import cv2
import numpy
import skimage.color
import skimage.measure
from PIL import Image


def colourfulness(rgb):
    red, green, blue = cv2.split(rgb.astype(numpy.float64))
    one, two = red - green, (red + green) / 2 - blue
    return numpy.hypot(one.std(), two.std()) + 0.3 * numpy.hypot(one.mean(), two.mean())


for name in sys.argv[1:]:
    picture = Image.open(name)
    kind = picture.format
    picture = picture.convert("RGB")
    rgb, luma = numpy.array(picture), numpy.array(picture.convert("L"))
    mean, deviation = cv2.meanStdDev(luma)
    print(json.dumps({
        "format": kind,
        "width": rgb.shape[1],
        "height": rgb.shape[0],
        "brightness": mean[0, 0] / 255,
        "contrast": deviation[0, 0] / 255,
        "colourfulness": colourfulness(rgb),
        "saturation": skimage.color.rgb2hsv(rgb)[..., 1].mean(),
        "sharpness": cv2.Laplacian(luma, cv2.CV_64F).var(),
        "entropy": skimage.measure.shannon_entropy(luma),
        "grey": bool((rgb == rgb[..., :1]).all()),
    }))
