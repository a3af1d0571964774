//! Short names for what a module imports from the script beside it. wasm-bindgen's are long and unlike, twice.

use crate::wasm::{Bytes, IMPORTS, block, number, open, section};

/// The module and its script with a short name for each import. `None` when the module is none, imports anything but
/// functions and tags, or the script does not name each import once.
pub(crate) fn named(wasm: &[u8], script: &str) -> Option<(Vec<u8>, String)> {
    let (head, sections) = open(wasm)?;
    let (mut short, mut script) = (head.to_vec(), script.to_owned());
    for (id, content) in sections {
        let content = if id == IMPORTS { imports(Bytes(content), &mut script)? } else { content.to_vec() };
        short.extend(section(id, content));
    }
    Some((short, script))
}

fn imports(mut section: Bytes, script: &mut String) -> Option<Vec<u8>> {
    let (count, mut modules) = (section.number()?, Vec::new());
    let mut short = number(count);
    for name in 0..count {
        let (module, long) = (text(section.block()?)?, text(section.block()?)?);
        if !modules.contains(&module) {
            *script = once(script, &["\"", module, "\":"].concat(), &format!("m{}:", modules.len()))?;
            modules.push(module);
        }
        let place = modules.iter().position(|it| *it == module)?;
        let name = format!("i{name}");
        *script = once(script, &[long, ":"].concat(), &[&name, ":"].concat())?;
        short.extend(block(format!("m{place}").into_bytes()));
        short.extend(block(name.into_bytes()));
        short.extend(section.import_kind()?);
    }
    Some(short)
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn once(script: &str, long: &str, short: &str) -> Option<String> {
    (script.matches(long).count() == 1).then(|| script.replacen(long, short, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::{FUNCTION, TAG};

    fn module(imports: &[(&str, &[u8])]) -> Vec<u8> {
        let import = |(name, kind): &(&str, &[u8])| {
            [block(b"./widget_bg.js".to_vec()), block(name.as_bytes().to_vec()), kind.to_vec()].concat()
        };
        let entries: Vec<u8> = imports.iter().flat_map(import).collect();
        let imports = section(IMPORTS, [number(imports.len()), entries].concat());
        [b"\0asm\x01\0\0\0".to_vec(), imports, section(10, vec![0])].concat()
    }

    #[test]
    fn both_sides_are_renamed_alike() {
        let wasm = module(&[("__wbg_now_aa4ccb83", &[FUNCTION, 7]), ("__wbg_jstag", &[TAG, 0, 3])]);
        let script = "return{\"./widget_bg.js\":{__wbg_now_aa4ccb83:function(){},__wbg_jstag:t}}";
        let (short, script) = named(&wasm, script).unwrap();
        assert_eq!(script, "return{m0:{i0:function(){},i1:t}}");
        assert!(short.windows(8).any(|it| it == b"\x02m0\x02i0\0\x07"), "{short:?}");
        assert!(short.ends_with(b"\x02i1\x04\0\x03\x0a\x01\0"), "what follows is untouched: {short:?}");
    }

    #[test]
    fn a_script_that_does_not_fit_is_refused() {
        let wasm = module(&[("__wbg_now", &[FUNCTION, 7])]);
        for script in ["", "{\"./widget_bg.js\":{}}", "{\"./widget_bg.js\":{__wbg_now:a,__wbg_now:b}}"] {
            assert_eq!(named(&wasm, script), None, "{script}");
        }
        assert_eq!(named(b"\0asm\x01\0\0\0\x02\x7f", ""), None);
    }
}
