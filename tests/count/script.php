<?php
// What a script does without asking its host for anything that differs between hosts.
function primes(int $limit): Generator {
    $composite = array_fill(0, $limit, false);
    for ($n = 2; $n < $limit; $n++) {
        if ($composite[$n]) continue;
        yield $n;
        for ($m = $n * $n; $m < $limit; $m += $n) $composite[$m] = true;
    }
}
echo array_sum(iterator_to_array(primes(3000), false)), "\n";
echo json_encode(array_count_values(str_split("mississippi"))), "\n";
echo preg_replace('/(\w+) (\w+)/', '$2 $1', "The quick brown fox"), "\n";
$words = ["pear", "fig", "apple"];
usort($words, fn ($a, $b) => strlen($a) <=> strlen($b));
echo implode(",", $words), " ", md5(implode($words)), "\n";
