//! `cp -a` of a checkout copies the compiled xtask along; what it does there is about the copy.

use std::fs;
use std::path::Path;
use std::process::Command;

/// What `cargo xtask check` says in a checkout made here, run by cargo (which tells it the package's folder) or by hand.
fn check_in(checkout: &Path, by_cargo: bool) -> String {
    fs::create_dir_all(checkout.join("xtask")).expect("a folder");
    fs::write(checkout.join("Cargo.toml"), "[workspace]\n").expect("a workspace");
    fs::write(checkout.join("wrangler.toml"), "name = \"the copy\"\n").expect("its wrangler.toml");
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask.arg("check").current_dir(checkout.join("xtask")).env_remove("CARGO_MANIFEST_DIR");
    if by_cargo {
        // cargo may be started anywhere.
        xtask.env("CARGO_MANIFEST_DIR", checkout.join("xtask")).current_dir("/");
    }
    let said = xtask.output().expect("xtask runs");
    String::from_utf8_lossy(&said.stderr).into_owned()
}

#[test]
fn a_copied_xtask_works_on_the_copy() {
    let folder = std::env::temp_dir().join(format!("ringside-copy-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let folder = folder.canonicalize().expect("its name without links");
    for by_cargo in [true, false] {
        let said = check_in(&folder, by_cargo);
        // The copy lacks the checker's package, and it is the copy that cargo looks in.
        assert!(said.contains(&format!("not found in workspace `{}`", folder.display())), "{said}");
    }
    fs::remove_dir_all(folder).expect("it goes");
}
