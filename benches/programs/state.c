/* A state machine over text: which pieces are integers, decimals, exponents, or nothing of these. */
#include <stdint.h>
#include <stdio.h>

enum state { START, SIGN, INTEGER, POINT, DECIMAL, EXPONENT, EXPONENT_SIGN, SCIENTIFIC, INVALID, STATES };

#define ROUNDS 48000

static const char text[] =
    "5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,-87e+832,+0.6e-12,"
    "T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^,7,42,0.0,1e9,--1,+.,x,6.02214e+23,3.14159,2.718281828,-1e,";

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static enum state next(enum state state, char c) {
    switch (state) {
    case START:
        if (is_digit(c)) return INTEGER;
        if (c == '+' || c == '-') return SIGN;
        return c == '.' ? POINT : INVALID;
    case SIGN:
        if (is_digit(c)) return INTEGER;
        return c == '.' ? POINT : INVALID;
    case INTEGER:
        if (is_digit(c)) return INTEGER;
        if (c == '.') return DECIMAL;
        return c == 'e' || c == 'E' ? EXPONENT : INVALID;
    case POINT:
        return is_digit(c) ? DECIMAL : INVALID;
    case DECIMAL:
        if (is_digit(c)) return DECIMAL;
        return c == 'e' || c == 'E' ? EXPONENT : INVALID;
    case EXPONENT:
        if (is_digit(c)) return SCIENTIFIC;
        return c == '+' || c == '-' ? EXPONENT_SIGN : INVALID;
    case EXPONENT_SIGN:
    case SCIENTIFIC:
        return is_digit(c) ? SCIENTIFIC : INVALID;
    default:
        return INVALID;
    }
}

int main(void) {
    uint32_t final[STATES] = {0}, entered[STATES] = {0};
    for (uint32_t round = 0; round < ROUNDS; round++) {
        enum state state = START;
        for (const char *at = text; *at; at++) {
            if (*at == ',') {
                final[state]++;
                state = START;
                continue;
            }
            enum state to = next(state, *at);
            entered[to] += to != state;
            state = to;
        }
    }
    for (int i = 0; i < STATES; i++) printf("%u/%u ", (unsigned)final[i], (unsigned)entered[i]);
    puts("");
    return 0;
}
