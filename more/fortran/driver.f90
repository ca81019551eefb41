! Started as: program A B C n rows threads reps. Reads A and B, times multiply() `reps` times, writes C.
! Files are row-major, arrays here column-major: an array (n, rows) holds the transpose, and element (j, i) is C's (i, j).
program driver
    use multiplication, only: multiply
    use, intrinsic :: iso_fortran_env, only: real64, int64, output_unit
    implicit none
    real(real64), allocatable :: a(:, :), b(:, :), c(:, :)
    integer(int64) :: start, finish, rate, length
    integer :: n, rows, threads, reps, rep, unit

    if (command_argument_count() /= 7) error stop "usage: A B C n rows threads reps"
    n = number(4); rows = number(5); threads = number(6); reps = number(7)
    allocate (a(n, rows), b(n, n), c(n, rows))
    call load(1, a)
    call load(2, b)
    do rep = 1, reps
        call system_clock(start, rate)
        call multiply(a, b, c, threads)
        call system_clock(finish)
        write (output_unit, '(i0)') max(1_int64, (finish - start) * (1000000000_int64 / rate))
    end do
    open (newunit=unit, file=argument(3), access='stream', form='unformatted', action='write')
    write (unit) c
    close (unit)
    inquire (file=argument(3), size=length) ! what was written may have been lost without a word: the disk is full
    if (length /= 8_int64 * n * rows) error stop "C: cannot be written"
contains
    function argument(i) result(text)
        integer, intent(in) :: i
        character(:), allocatable :: text
        integer :: length
        call get_command_argument(i, length=length)
        allocate (character(length) :: text)
        call get_command_argument(i, text)
    end function

    integer function number(i)
        integer, intent(in) :: i
        character(:), allocatable :: text
        text = argument(i)
        read (text, *) number
    end function

    subroutine load(i, values)
        integer, intent(in) :: i
        real(real64), intent(out) :: values(:, :)
        integer :: unit
        open (newunit=unit, file=argument(i), access='stream', form='unformatted', status='old', action='read')
        read (unit) values
        close (unit)
    end subroutine
end program
