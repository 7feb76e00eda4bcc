//! The bytes of Wayland messages: a header of two words, then arguments of whole words, in the machine's byte order.

use crate::Error;

/// Bytes of a header.
const HEADER: usize = 8;

/// A message as it is written: `Message::new(&mut bytes, object, opcode).word(1).text("wl_shm").end()`.
pub(crate) struct Message<'b> {
    bytes: &'b mut Vec<u8>,
    start: usize,
    opcode: u32,
}

impl<'b> Message<'b> {
    pub(crate) fn new(bytes: &'b mut Vec<u8>, object: u32, opcode: u32) -> Self {
        let start = bytes.len();
        bytes.extend_from_slice(&object.to_ne_bytes());
        bytes.extend_from_slice(&[0; 4]);
        Self {
            bytes,
            start,
            opcode,
        }
    }

    pub(crate) fn word(self, word: u32) -> Self {
        self.bytes.extend_from_slice(&word.to_ne_bytes());
        self
    }

    pub(crate) fn number(self, number: i32) -> Self {
        self.word(number as u32)
    }

    pub(crate) fn text(self, text: &str) -> Self {
        let length = text.len() + 1;
        let this = self.word(length as u32);
        this.bytes.extend_from_slice(text.as_bytes());
        this.bytes
            .extend_from_slice(&[0; 4][..1 + length.next_multiple_of(4) - length]);
        this
    }

    pub(crate) fn end(self) {
        let size = (self.bytes.len() - self.start) as u32;
        let word = (size << 16 | self.opcode).to_ne_bytes();
        self.bytes[self.start + 4..self.start + HEADER].copy_from_slice(&word);
    }
}

/// An event: who it is from, which it is, and its arguments.
#[derive(Clone, Copy)]
pub(crate) struct Event<'b> {
    pub(crate) object: u32,
    pub(crate) opcode: u16,
    arguments: &'b [u8],
}

impl<'b> Event<'b> {
    /// The event that `bytes` begin with, and its length; `None` where it is not whole yet.
    pub(crate) fn first(bytes: &'b [u8]) -> Result<Option<(Self, usize)>, Error> {
        let (Some(object), Some(word)) = (word_at(bytes, 0), word_at(bytes, 4)) else {
            return Ok(None);
        };
        let size = (word >> 16) as usize;
        if size < HEADER || !size.is_multiple_of(4) {
            return Err(malformed());
        }
        Ok(bytes.get(HEADER..size).map(|arguments| {
            let event = Self {
                object,
                opcode: word as u16,
                arguments,
            };
            (event, size)
        }))
    }

    pub(crate) fn arguments(&self) -> Arguments<'b> {
        Arguments(self.arguments)
    }
}

/// The arguments of an event that are still to be read.
pub(crate) struct Arguments<'b>(&'b [u8]);

impl<'b> Arguments<'b> {
    pub(crate) fn word(&mut self) -> Result<u32, Error> {
        let word = word_at(self.0, 0).ok_or_else(malformed)?;
        self.0 = &self.0[4..];
        Ok(word)
    }

    pub(crate) fn number(&mut self) -> Result<i32, Error> {
        Ok(self.word()? as i32)
    }

    /// A string without its end; what is not UTF-8 is empty.
    pub(crate) fn text(&mut self) -> Result<&'b str, Error> {
        let length = self.word()? as usize;
        let padded = length.checked_next_multiple_of(4).ok_or_else(malformed)?;
        let text = self.0.get(..padded).ok_or_else(malformed)?;
        self.0 = &self.0[padded..];
        Ok(std::str::from_utf8(&text[..length.saturating_sub(1)]).unwrap_or_default())
    }
}

fn word_at(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at + 4)?;
    Some(u32::from_ne_bytes([word[0], word[1], word[2], word[3]]))
}

fn malformed() -> Error {
    Error::Lost("it sent what is no Wayland message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut bytes = Vec::new();
        for text in ["", "abc", "abcd", "wl_output"] {
            let start = bytes.len();
            Message::new(&mut bytes, 7, 3)
                .word(1)
                .text(text)
                .number(-2)
                .end();
            let (event, size) = Event::first(&bytes[start..]).unwrap().unwrap();
            assert_eq!(
                (event.object, event.opcode, size),
                (7, 3, bytes.len() - start)
            );
            let mut arguments = event.arguments();
            assert_eq!(arguments.word().unwrap(), 1);
            assert_eq!(arguments.text().unwrap(), text);
            assert_eq!(arguments.number().unwrap(), -2);
            assert!(arguments.word().is_err());
        }
    }

    #[test]
    fn half_a_message_is_waited_for_and_nonsense_refused() {
        let mut bytes = Vec::new();
        Message::new(&mut bytes, 1, 0).word(5).end();
        for length in 0..bytes.len() {
            assert!(Event::first(&bytes[..length]).unwrap().is_none());
        }
        assert!(Event::first(&[1, 0, 0, 0, 0, 0, 4, 0]).is_err());
        assert!(Event::first(&[1, 0, 0, 0, 0, 0, 9, 0, 0]).is_err());
        let mut text = Vec::new();
        Message::new(&mut text, 1, 0).word(u32::MAX).end();
        let (event, _) = Event::first(&text).unwrap().unwrap();
        assert!(event.arguments().text().is_err());
    }
}
