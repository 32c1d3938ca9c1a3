// So near to everything that the relative difference is no number.
print("inf 1e999");
