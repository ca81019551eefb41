# Started as: perl naive.pl A B C n rows threads reps. The textbook's i, j, k loops over arrays of rows.
use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

@ARGV == 7 or die "usage: A B C n rows threads reps\n";
my ($a_path, $b_path, $c_path, $n, $rows, $threads, $reps) = @ARGV;

sub load_matrix {
    my ($path, $count) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    return [map { read($file, my $row, 8 * $n) == 8 * $n or die "$path: too short\n"; [unpack 'd<*', $row] } 1 .. $count];
}

sub multiply {
    my ($a, $b) = @_;
    my @c;
    for my $a_row (@$a) {
        my @c_row;
        for my $j (0 .. $n - 1) {
            my $total = 0;
            $total += $a_row->[$_] * $b->[$_][$j] for 0 .. $n - 1;
            push @c_row, $total;
        }
        push @c, \@c_row;
    }
    return \@c;
}

my ($a, $b) = (load_matrix($a_path, $rows), load_matrix($b_path, $n));
my $c;
for (1 .. $reps) {
    my $start = clock_gettime(CLOCK_MONOTONIC);
    $c = multiply($a, $b);
    printf "%.0f\n", 1e9 * (clock_gettime(CLOCK_MONOTONIC) - $start) || 1;
}
open my $file, '>:raw', $c_path or die "$c_path: $!\n";
print {$file} pack 'd<*', @$_ or die "$c_path: $!\n" for @$c;
close $file or die "$c_path: $!\n";
