mod runs;
mod tokens;

use std::io::{Read, Write};

fn main() -> std::io::Result<()> {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text)?;
    let packed = tokens::write(&text, |at| runs::longest(&text, at));
    std::fs::File::create("packed.bin")?.write_all(&packed)
}
