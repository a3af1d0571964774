//! As much of a wasm module's form as we look at (WebAssembly Core Specification, Binary Format).

/// A section that means nothing to a machine; the names of functions stand in one.
pub(crate) const CUSTOM: u8 = 0;

/// The section of imports.
pub(crate) const IMPORTS: u8 = 2;

/// The section of functions' bodies.
pub(crate) const CODE: u8 = 10;

/// An import that is a function.
pub(crate) const FUNCTION: u8 = 0;

/// An import that is a tag: what JavaScript throws.
pub(crate) const TAG: u8 = 4;

/// What a section is, and what it holds.
type Section<'a> = (u8, &'a [u8]);

/// The eight bytes that a module begins with, and its sections.
pub(crate) fn open(module: &[u8]) -> Option<(&[u8], Vec<Section<'_>>)> {
    let (head, rest) = module.split_at_checked(8)?;
    let (mut rest, mut sections) = (Bytes(rest), Vec::new());
    while !rest.0.is_empty() {
        sections.push((rest.byte()?, rest.block()?));
    }
    Some((head, sections))
}

/// What is still to be read.
pub(crate) struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A number in LEB128.
    pub(crate) fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Bytes that have their count before them: a section, a name, a function.
    pub(crate) fn block(&mut self) -> Option<&'a [u8]> {
        let count = self.number()?;
        let (block, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(block)
    }

    /// What an import is, after its names. Ours are functions and tags.
    pub(crate) fn import_kind(&mut self) -> Option<&'a [u8]> {
        let before = self.0;
        match self.byte()? {
            FUNCTION => {}
            TAG => drop(self.byte()?),
            _ => return None,
        }
        self.number()?;
        before.get(..before.len() - self.0.len())
    }
}

/// A number as LEB128.
pub(crate) fn number(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7f);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// Bytes with their count before them.
pub(crate) fn block(bytes: Vec<u8>) -> Vec<u8> {
    [number(bytes.len()), bytes].concat()
}

/// A section.
pub(crate) fn section(id: u8, content: Vec<u8>) -> Vec<u8> {
    [vec![id], block(content)].concat()
}
