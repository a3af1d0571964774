//! What must be known of an element before its content is read: how many items a list has, whether a row is a line.

use super::pieces::{Element, Piece};

/// What an element's content says about it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Content {
    /// Items of a list.
    pub(super) items: usize,
    /// Cells of a row with words in them.
    cells: usize,
    /// The row's present cell has words.
    in_cell: bool,
    /// Something in the row that has lines of its own.
    has_lines: bool,
}

impl Content {
    /// A row of a table is a line, except where tables only lay out a page: with one cell, or with lists or tables in it.
    pub(super) fn is_line(&self) -> bool {
        self.cells > 1 && !self.has_lines
    }
}

/// For each piece what its content says, as far as it is a list or a row.
pub(super) fn contents(pieces: &[Piece]) -> Vec<Content> {
    let mut contents = vec![Content::default(); pieces.len()];
    let (mut lists, mut rows) = (Vec::new(), Vec::new());
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Open(element) => open(&mut contents, &mut lists, &mut rows, at, element),
            Piece::Close(name) => match name.as_str() {
                "ol" | "ul" => drop(lists.pop()),
                "tr" | "table" => drop(rows.pop()),
                _ => {}
            },
            Piece::Text(text) => {
                let row = rows.last().and_then(|row| contents.get_mut(*row));
                if let Some(row) = row.filter(|row| !row.in_cell && !text.trim().is_empty()) {
                    row.cells += 1;
                    row.in_cell = true;
                }
            }
        }
    }
    contents
}

fn open(contents: &mut [Content], lists: &mut Vec<usize>, rows: &mut Vec<usize>, at: usize, element: &Element) {
    let has_lines = |contents: &mut [Content], rows: &[usize]| {
        if let Some(row) = rows.last().and_then(|row| contents.get_mut(*row)) {
            row.has_lines = true;
        }
    };
    match element.name() {
        "ol" | "ul" => {
            has_lines(contents, rows);
            lists.push(at);
        }
        "li" => {
            if let Some(list) = lists.last().and_then(|list| contents.get_mut(*list)) {
                list.items += 1;
            }
        }
        "table" | "blockquote" | "hr" => has_lines(contents, rows),
        "tr" => rows.push(at),
        "td" | "th" => {
            if let Some(row) = rows.last().and_then(|row| contents.get_mut(*row)) {
                row.in_cell = false;
            }
        }
        _ => {}
    }
}
