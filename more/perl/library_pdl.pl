# Started as: perl library_pdl.pl A B C n rows threads reps. PDL's matrix product.
use strict;
use warnings;
use PDL;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

@ARGV == 7 or die "usage: A B C n rows threads reps\n";
my ($a_path, $b_path, $c_path, $n, $rows, $threads, $reps) = @ARGV;
PDL::set_autopthread_targ(1);
$PDL::BIGPDL = 1;

sub load_matrix {
    my ($path, $count) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    my $matrix = zeroes(double, $n, $count);
    read($file, ${$matrix->get_dataref}, 8 * $n * $count) == 8 * $n * $count or die "$path: too short\n";
    $matrix->upd_data;
    return $matrix;
}

my ($a, $b) = (load_matrix($a_path, $rows), load_matrix($b_path, $n));
my $c;
for (1 .. $reps) {
    my $start = clock_gettime(CLOCK_MONOTONIC);
    $c = $a x $b;
    printf "%.0f\n", 1e9 * (clock_gettime(CLOCK_MONOTONIC) - $start) || 1;
}
open my $file, '>:raw', $c_path or die "$c_path: $!\n";
print {$file} ${$c->get_dataref} or die "$c_path: $!\n";
close $file or die "$c_path: $!\n";
