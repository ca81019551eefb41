// Parts of matrices, for the rungs that divide.
use std::marker::PhantomData;

// A part of a matrix: `rows` x `columns` values, whose rows start `stride` values apart.
#[derive(Clone, Copy)]
pub struct View<'a> {
    values: &'a [f64],
    stride: usize,
    pub rows: usize,
    pub columns: usize,
}

impl<'a> View<'a> {
    pub fn new(values: &'a [f64], rows: usize, columns: usize) -> View<'a> {
        View { values, stride: columns, rows, columns }
    }

    pub fn row(&self, i: usize) -> &'a [f64] {
        &self.values[i * self.stride..][..self.columns]
    }

    pub fn split_rows(self, at: usize) -> (View<'a>, View<'a>) {
        let values = &self.values[at * self.stride..];
        (View { rows: at, ..self }, View { values, rows: self.rows - at, ..self })
    }

    pub fn split_columns(self, at: usize) -> (View<'a>, View<'a>) {
        let values = &self.values[at..];
        (View { columns: at, ..self }, View { values, columns: self.columns - at, ..self })
    }
}

// A View that may be written. Two of them never share a value, though their rows may lie between each other's, which
// slices cannot say: hence the pointer.
pub struct ViewMut<'a> {
    start: *mut f64,
    stride: usize,
    pub rows: usize,
    pub columns: usize,
    lifetime: PhantomData<&'a mut [f64]>,
}

// As a &mut [f64] may.
unsafe impl Send for ViewMut<'_> {}

impl<'a> ViewMut<'a> {
    pub fn new(values: &'a mut [f64], rows: usize, columns: usize) -> ViewMut<'a> {
        assert!(values.len() == rows * columns);
        ViewMut { start: values.as_mut_ptr(), stride: columns, rows, columns, lifetime: PhantomData }
    }

    pub fn row(&mut self, i: usize) -> &mut [f64] {
        assert!(i < self.rows);
        unsafe { std::slice::from_raw_parts_mut(self.start.add(i * self.stride), self.columns) }
    }

    // The same part again, borrowed from this one.
    pub fn again(&mut self) -> ViewMut<'_> {
        ViewMut { ..*self }
    }

    pub fn split_rows(self, at: usize) -> (ViewMut<'a>, ViewMut<'a>) {
        assert!(at < self.rows);
        let start = unsafe { self.start.add(at * self.stride) };
        (ViewMut { rows: at, ..self }, ViewMut { start, rows: self.rows - at, ..self })
    }

    pub fn split_columns(self, at: usize) -> (ViewMut<'a>, ViewMut<'a>) {
        assert!(at < self.columns);
        let start = unsafe { self.start.add(at) };
        (ViewMut { columns: at, ..self }, ViewMut { start, columns: self.columns - at, ..self })
    }
}
