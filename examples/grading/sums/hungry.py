# Wants a place for every number that there could be.
places = bytearray(2_000_000_000)
print(len(places))
