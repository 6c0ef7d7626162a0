"""Constants."""
import math

NAMES = ["e", "inf", "nan", "newaxis", "pi"]
e, inf, nan, pi = math.e, math.inf, math.nan, math.pi
newaxis = None
