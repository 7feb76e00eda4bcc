//! Numbers as segments hold them: 7 bits a byte, the lowest first, the eighth saying that more follow.

/// Appends `value`.
pub fn put(target: &mut Vec<u8>, mut value: u64) {
    while value > 0x7F {
        target.push(value as u8 | 0x80);
        value >>= 7;
    }
    target.push(value as u8);
}

/// Appends a number that may be negative: 0, -1, 1, -2, ... as 0, 1, 2, 3, ...
pub fn put_signed(target: &mut Vec<u8>, value: i64) {
    put(target, (value << 1 ^ value >> 63) as u64);
}

/// Takes numbers off the front of bytes; None where they end or a number does not fit.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    /// One byte.
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of up to 64 bits.
    pub fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7F);
            if part << shift >> shift != part {
                return None;
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A number that may be negative.
    pub fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> Option<usize> {
        let value = usize::try_from(self.number()?).ok()?;
        (value < limit).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            let mut input = Input(&bytes);
            assert_eq!((input.number(), input.0.len()), (Some(value), 0));
        }
        for value in [0, -1, 1, 63, -64, 64, i64::MIN, i64::MAX] {
            let mut bytes = Vec::new();
            put_signed(&mut bytes, value);
            assert_eq!(Input(&bytes).signed(), Some(value));
        }
    }

    #[test]
    fn what_does_not_fit_is_no_number() {
        assert_eq!(Input(&[0x80]).number(), None);
        assert_eq!(Input(&[0xFF; 10]).number(), None);
        assert_eq!(Input(&[]).byte(), None);
        assert_eq!(Input(&[1]).take(2), None);
    }
}
