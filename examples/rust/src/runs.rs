/// How often the byte before is repeated, as a copy of one byte before.
pub fn longest(text: &[u8], at: usize) -> (usize, usize) {
    if at == 0 {
        return (0, 0);
    }
    let run = text[at..].iter().take(131).take_while(|&&byte| byte == text[at - 1]).count();
    (run, 1)
}
