raise ValueError("there are too many numbers")
