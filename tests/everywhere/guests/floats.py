"""Floats, big numbers, and what is written of them."""

import cmath
import decimal
import fractions
import math
import statistics

values = [0.1, 1e-310, 2.5, 1e22, -123456.789, math.pi]
for v in values:
    print(repr(v), v.hex(), math.sin(v).hex(), math.exp(v % 10).hex(), math.gamma(abs(v) % 20 + 0.5).hex(), f"{v:.3e}")
print(math.fsum([0.1] * 10), sum([0.1] * 10), statistics.stdev(values), cmath.sqrt(-2), math.erf(0.3))
print(math.nan, -math.nan, math.inf - math.inf, math.copysign(1, math.inf - math.inf), float("-nan"))
print(2**521 - 1, math.comb(200, 77), pow(3, 10**6, 2**89 - 1))
decimal.getcontext().prec = 50
print(decimal.Decimal(2).sqrt(), fractions.Fraction(math.pi).limit_denominator(10**6))
print(hash(0.1), hash("text"), hash((1, "a")), {"b", "a", "c"})
