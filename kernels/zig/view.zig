// Parts of matrices, for the rungs that divide.

// A part of a matrix: `rows` x `columns` values, whose rows start `stride` values apart.
pub fn View(comptime Pointer: type) type {
    return struct {
        start: Pointer,
        stride: usize,
        rows: usize,
        columns: usize,

        const Self = @This();
        const Row = if (Pointer == [*]f64) []f64 else []const f64;

        pub fn row(self: Self, i: usize) Row {
            return self.start[i * self.stride ..][0..self.columns];
        }

        pub fn part(self: Self, i: usize, j: usize, rows: usize, columns: usize) Self {
            return .{ .start = self.start + i * self.stride + j, .stride = self.stride, .rows = rows, .columns = columns };
        }

        pub fn splitRows(self: Self, at: usize) [2]Self {
            return .{ self.part(0, 0, at, self.columns), self.part(at, 0, self.rows - at, self.columns) };
        }

        pub fn splitColumns(self: Self, at: usize) [2]Self {
            return .{ self.part(0, 0, self.rows, at), self.part(0, at, self.rows, self.columns - at) };
        }
    };
}
pub const In = View([*]const f64);
pub const Out = View([*]f64);
