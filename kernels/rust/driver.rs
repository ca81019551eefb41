// Started as: program A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C.
use std::fs::File;
use std::io::{Read, Write};
use std::time::Instant;

// Bytes that are read or written at once.
const CHUNK: usize = 1 << 16;

// multiply(a, b, c, n, rows, threads): c[rows x n] = a[rows x n] . b[n x n], all row-major.
// c may hold anything on entry. No more than `threads` threads may compute.
pub type Multiply = fn(&[f64], &[f64], &mut [f64], usize, usize, usize);

pub fn main(multiply: Multiply) {
    if let Err(message) = run(multiply) {
        eprintln!("{message}");
        std::process::exit(1);
    }
}

fn run(multiply: Multiply) -> Result<(), String> {
    let args: Vec<String> = std::env::args().collect();
    if args.len() != 8 {
        return Err("usage: A B C n rows threads reps".to_string());
    }
    let (n, rows) = (number("n", &args[4])?, number("rows", &args[5])?);
    let (threads, reps) = (number("threads", &args[6])?, number("reps", &args[7])?);
    if rows > n {
        return Err("rows: more than n".to_string());
    }

    let a = load(&args[1], rows * n).map_err(|error| format!("{}: {error}", args[1]))?;
    let b = load(&args[2], n * n).map_err(|error| format!("{}: {error}", args[2]))?;
    let mut c = vec![0.0; rows * n];

    for _ in 0..reps {
        let start = Instant::now();
        multiply(&a, &b, &mut c, n, rows, threads);
        println!("{}", start.elapsed().as_nanos().max(1));
    }
    save(&args[3], &c).map_err(|error| format!("{}: {error}", args[3]))
}

// Numbers up to 2^30 only, so that the sizes in bytes fit in a usize.
fn number(name: &str, text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(value) if (1..=1 << 30).contains(&value) => Ok(value),
        _ => Err(format!("{name}: not a whole number from 1 to 2^30")),
    }
}

// Reads the first `count` values; the file may be longer.
fn load(path: &str, count: usize) -> std::io::Result<Vec<f64>> {
    let mut file = File::open(path)?;
    let mut values = vec![0.0; count];
    let mut bytes = [0; CHUNK];
    for chunk in values.chunks_mut(CHUNK / 8) {
        let bytes = &mut bytes[..8 * chunk.len()];
        file.read_exact(bytes)?;
        for (value, bytes) in chunk.iter_mut().zip(bytes.chunks_exact(8)) {
            *value = f64::from_le_bytes(bytes.try_into().unwrap());
        }
    }
    Ok(values)
}

fn save(path: &str, values: &[f64]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    let mut bytes = Vec::with_capacity(CHUNK);
    for chunk in values.chunks(CHUNK / 8) {
        bytes.clear();
        bytes.extend(chunk.iter().flat_map(|value| value.to_le_bytes()));
        file.write_all(&bytes)?;
    }
    Ok(())
}
