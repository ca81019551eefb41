! i, k, j loops: whole columns of arrays, which are rows of the matrices, are added up.
module multiplication
    use, intrinsic :: iso_fortran_env, only: real64
    implicit none
contains
    subroutine multiply(a, b, c, threads)
        real(real64), contiguous, intent(in) :: a(:, :), b(:, :)
        real(real64), contiguous, intent(out) :: c(:, :)
        integer, intent(in) :: threads
        integer :: i, k
        if (threads < 1) return
        do i = 1, size(a, 2)
            c(:, i) = 0
            do k = 1, size(a, 1)
                c(:, i) = c(:, i) + a(k, i) * b(:, k)
            end do
        end do
    end subroutine
end module
