! The intrinsic matmul. The arrays are transposes: C^T = B^T . A^T.
module multiplication
    use, intrinsic :: iso_fortran_env, only: real64
    implicit none
contains
    subroutine multiply(a, b, c, threads)
        real(real64), contiguous, intent(in) :: a(:, :), b(:, :)
        real(real64), contiguous, intent(out) :: c(:, :)
        integer, intent(in) :: threads
        if (threads < 1) return
        c = matmul(b, a)
    end subroutine
end module
