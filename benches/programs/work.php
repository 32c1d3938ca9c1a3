<?php
// Work that is all the interpreter's: queens by backtracking, words counted in a table, a sieve, numbers as text.

function queens($size, $row = 0, $columns = 0, $rising = 0, $falling = 0) {
    if ($row === $size) return 1;
    $found = 0;
    for ($column = 0; $column < $size; $column++) {
        $mask = 1 << $column; $up = 1 << ($row + $column); $down = 1 << ($row - $column + $size);
        if (!($columns & $mask || $rising & $up || $falling & $down)) {
            $found += queens($size, $row + 1, $columns | $mask, $rising | $up, $falling | $down);
        }
    }
    return $found;
}

// A product of two numbers of 31 bits may not fit where an integer has 32: this one is made of halves.
function words($count) {
    $seen = [];
    $state = 1;
    for ($i = 0; $i < $count; $i++) {
        $low = ($state & 0xffff) * 20077 + 12345;
        $high = (($state >> 16) * 20077 + ($state & 0xffff) * 16838 + ($low >> 16)) & 0x7fff;
        $state = $high << 16 | $low & 0xffff;
        $word = "w" . ($high % 500);
        $seen[$word] = ($seen[$word] ?? 0) + 1;
    }
    $total = 0;
    foreach ($seen as $times) $total += $times * $times;
    return $total;
}

function sieve($limit) {
    $prime = array_fill(0, $limit + 1, true);
    for ($number = 2; $number * $number <= $limit; $number++) {
        if (!$prime[$number]) continue;
        for ($multiple = $number * $number; $multiple <= $limit; $multiple += $number) $prime[$multiple] = false;
    }
    $count = 0;
    for ($number = 2; $number <= $limit; $number++) if ($prime[$number]) $count++;
    return $count;
}

function digits($count) {
    $total = 0;
    for ($number = 0; $number < $count; $number++) $total += strlen((string) ($number * (float) $number));
    return $total;
}

echo queens(7), " ", words(60000), " ", sieve(150000), " ", digits(60000), "\n";
