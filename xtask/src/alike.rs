//! Which functions of a wasm file read alike: gzip looks back 32 KB, and finds them when they stand beside each other.
//!
//! `wasm-opt` sorts functions by their names alone. So each gets a name that says its place.

use std::collections::{BTreeSet, HashMap};

use crate::wasm::{Bytes, CODE, CUSTOM, FUNCTION, IMPORTS, block, number, open, section};

/// How many bytes in a row count as the same words: two or three instructions.
const WORDS: usize = 6;

/// What words count that only one function has; what more have, counts less.
const ONE: usize = 1 << 20;

/// The module with a name for each of its functions, in the order in which they should stand. `None` when it is none, or
/// imports a memory or the like.
pub(crate) fn named_by_place(wasm: &[u8]) -> Option<Vec<u8>> {
    let (mut imports, mut bodies) = (0, Vec::new());
    for (id, content) in open(wasm)?.1 {
        match id {
            IMPORTS => imports = functions_imported(Bytes(content))?,
            CODE => bodies = functions(Bytes(content))?,
            _ => {}
        }
    }
    let mut places = vec![0; bodies.len()];
    for (place, function) in order(&bodies).into_iter().enumerate() {
        *places.get_mut(function)? = place;
    }
    Some([wasm, &names(imports, &places)].concat())
}

/// Beginning with the first: always the one that has most in common with those just before it.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let mut having: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (function, body) in bodies.iter().enumerate() {
        for words in body.windows(WORDS) {
            let functions = having.entry(words).or_default();
            if functions.last() != Some(&function) {
                functions.push(function);
            }
        }
    }
    let mut common = vec![0; bodies.len()];
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order = Vec::new();
    while let Some(at) = (0..left.len()).rev().max_by_key(|at| common[left[*at]]) {
        let next = left.remove(at);
        order.push(next);
        for common in &mut common {
            // One that stands further off counts less, though the window holds about a hundred.
            *common = *common * 4 / 5;
        }
        let words: BTreeSet<&[u8]> = bodies[next].windows(WORDS).collect();
        for functions in words.iter().map(|words| &having[words]) {
            for function in functions {
                common[*function] += ONE / functions.len();
            }
        }
    }
    order
}

/// The section "name" with names of functions (WebAssembly, Appendix, Name Section).
fn names(imports: usize, places: &[usize]) -> Vec<u8> {
    let mut map = number(places.len());
    for (function, place) in places.iter().enumerate() {
        map.extend(number(imports + function));
        map.extend(block(format!("{place:06}").into_bytes()));
    }
    let functions = [vec![1], block(map)].concat();
    section(CUSTOM, [block(b"name".to_vec()), functions].concat())
}

fn functions_imported(mut imports: Bytes) -> Option<usize> {
    let mut functions = 0;
    for _ in 0..imports.number()? {
        let (_module, _name) = (imports.block()?, imports.block()?);
        functions += usize::from(imports.import_kind()?.first() == Some(&FUNCTION));
    }
    Some(functions)
}

fn functions(mut code: Bytes<'_>) -> Option<Vec<&[u8]>> {
    (0..code.number()?).map(|_| code.block()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::TAG;

    #[test]
    fn functions_that_read_alike_stand_beside_each_other() {
        let bodies: [&[u8]; 4] = [b"call the first phone", b"0123456789", b"call the next phone", b"x0123456789"];
        assert_eq!(order(&bodies), [0, 2, 1, 3]);
    }

    #[test]
    fn each_function_is_named_for_its_place() {
        let body = |code: &[u8]| block(code.to_vec());
        let bodies = [body(b"aaaaaaaa"), body(b"bbbbbbbb"), body(b"aaaaaaaac")].concat();
        let import = |kind: &[u8]| [&block(b"m".to_vec()), &block(b"f".to_vec()), kind].concat();
        let imports = [import(&[FUNCTION, 0]), import(&[TAG, 0, 0])].concat();
        let many = |id: u8, count: u8, entries: Vec<u8>| section(id, [vec![count], entries].concat());
        let module = [b"\0asm\x01\0\0\0".to_vec(), many(IMPORTS, 2, imports), many(CODE, 3, bodies)].concat();
        let named = named_by_place(&module).unwrap();
        assert!(named.ends_with(b"\x01\x06000000\x02\x06000002\x03\x06000001"), "{named:?}");
    }

    #[test]
    fn half_a_module_is_none() {
        assert_eq!(named_by_place(b"\0asm\x01\0\0\0\x0a\x7f"), None);
    }
}
