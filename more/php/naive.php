<?php
// Started as: php naive.php A B C n rows threads reps. The textbook's i, j, k loops over arrays of rows.
declare(strict_types=1);

set_error_handler(fn (int $level, string $said) => throw new RuntimeException($said));
if ($argc !== 8) {
    fwrite(STDERR, "usage: A B C n rows threads reps\n");
    exit(1);
}
[, $aPath, $bPath, $cPath] = $argv;
[$n, $rows, , $reps] = array_map('intval', array_slice($argv, 4));

function load(string $path, int $rows, int $n): array
{
    $file = fopen($path, 'rb');
    $matrix = [];
    for ($i = 0; $i < $rows; $i++) {
        $bytes = stream_get_contents($file, 8 * $n);
        if (strlen($bytes) !== 8 * $n) {
            throw new RuntimeException("$path: too short");
        }
        $matrix[] = array_values(unpack('e*', $bytes));
    }
    return $matrix;
}

function multiply(array $a, array $b, int $n): array
{
    $c = [];
    foreach ($a as $aRow) {
        $cRow = [];
        for ($j = 0; $j < $n; $j++) {
            $total = 0.0;
            for ($k = 0; $k < $n; $k++) {
                $total += $aRow[$k] * $b[$k][$j];
            }
            $cRow[] = $total;
        }
        $c[] = $cRow;
    }
    return $c;
}

$a = load($aPath, $rows, $n);
$b = load($bPath, $n, $n);
for ($rep = 0; $rep < $reps; $rep++) {
    $start = hrtime(true);
    $c = multiply($a, $b, $n);
    echo max(1, hrtime(true) - $start), "\n";
}
$file = fopen($cPath, 'wb');
foreach ($c as $row) {
    fwrite($file, pack('e*', ...$row));
}
if (!fflush($file) || !fclose($file)) {
    throw new RuntimeException("$cPath: cannot be written");
}
