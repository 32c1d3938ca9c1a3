<?php
// Arrays, text, floats, regular expressions, hashes and entropy.
$numbers = array_map(fn($n) => ($n * 7919) % 10007, range(1, 2000));
sort($numbers);
echo implode(',', array_map(fn($chunk) => $chunk[0], array_chunk($numbers, 250))), "\n";
echo json_encode(['third' => 1 / 3, 'tiny' => 5e-324, 'big' => PHP_INT_MAX + 1, 'text' => 'Grüße']), "\n";
var_dump(0.1 + 0.2, sin(1e6), exp(1.5), fdiv(0, 0), round(2.5), intdiv(-7, 2), 1e22, NAN === NAN);
echo md5('text'), ' ', crc32('text'), ' ', hash('sha256', str_repeat('a', 100000)), "\n";
echo preg_replace_callback('/\d+/', fn($m) => $m[0] * 2, 'a1b22c333'), ' ', ucwords('some text'), "\n";
mt_srand(5);
echo mt_rand(), ' ', bin2hex(random_bytes(4)), ' ', gmdate('c', 0), ' ', PHP_INT_SIZE, "\n";
mkdir('/made');
foreach (range(1, 20) as $n) file_put_contents("/made/$n.txt", str_repeat("$n\n", $n * 10));
echo count(scandir('/made')), ' ', filesize('/made/20.txt'), "\n";
unlink('/made/3.txt');
function fib($n) { return $n < 2 ? $n : fib($n - 1) + fib($n - 2); }
echo fib(17), "\n";
exit(3);
