#include <stdio.h>
#include <stdlib.h>

static int compare(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

int main(void) {
    static double numbers[1000];
    int count = 0;
    double sum = 0;
    while (count < 1000 && scanf("%lf", &numbers[count]) == 1) sum += numbers[count++];
    qsort(numbers, count, sizeof numbers[0], compare);
    printf("%.9f %.9f\n", sum / count, (numbers[count / 2] + numbers[(count - 1) / 2]) / 2);
}
