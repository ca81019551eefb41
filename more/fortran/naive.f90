! The textbook's i, j, k loops, on transposed arrays: a(k, i) is A's (i, k).
module multiplication
    use, intrinsic :: iso_fortran_env, only: real64
    implicit none
contains
    subroutine multiply(a, b, c, threads)
        real(real64), contiguous, intent(in) :: a(:, :), b(:, :)
        real(real64), contiguous, intent(out) :: c(:, :)
        integer, intent(in) :: threads
        real(real64) :: total
        integer :: i, j, k
        if (threads < 1) return
        do i = 1, size(a, 2)
            do j = 1, size(b, 1)
                total = 0
                do k = 1, size(a, 1)
                    total = total + a(k, i) * b(j, k)
                end do
                c(j, i) = total
            end do
        end do
    end subroutine
end module
