/// Packs a text greedily: a copy wherever `longest` finds one (length, distance) that pays, else bytes as they are.
pub fn write(text: &[u8], mut longest: impl FnMut(usize) -> (usize, usize)) -> Vec<u8> {
    let (mut out, mut start, mut at) = (Vec::new(), 0, 0);
    while at < text.len() {
        let (length, distance) = longest(at);
        if length < 4 {
            at += 1;
            continue;
        }
        literals(&text[start..at], &mut out);
        copy(length, distance, &mut out);
        at += length;
        start = at;
    }
    literals(&text[start..], &mut out);
    out
}

pub fn literals(text: &[u8], out: &mut Vec<u8>) {
    for part in text.chunks(128) {
        out.push(part.len() as u8 - 1);
        out.extend_from_slice(part);
    }
}

pub fn copy(length: usize, distance: usize, out: &mut Vec<u8>) {
    out.push((length + 124) as u8);
    out.extend_from_slice(&(distance as u16).to_be_bytes());
}
