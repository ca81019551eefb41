// Started as: program A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C.
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::time::Instant;

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
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut values = vec![0.0; count];
    let mut bytes = [0; 8];
    for value in &mut values {
        file.read_exact(&mut bytes)?;
        *value = f64::from_le_bytes(bytes);
    }
    Ok(values)
}

// The flush is asked for: a dropped writer would swallow the error of a full disk.
fn save(path: &str, values: &[f64]) -> std::io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for value in values {
        file.write_all(&value.to_le_bytes())?;
    }
    file.flush()
}
