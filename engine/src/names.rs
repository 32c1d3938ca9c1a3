//! Function names from a module's name section.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use core::fmt::Write as _;

use wasmparser::{KnownCustom, Name, Parser, Payload};

/// A name as it is shown. Any module may name its functions as it likes: nothing of it reaches a terminal that would obey it.
pub(crate) fn shown(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for part in name.chars() {
        match part {
            '"' | '\'' | '\\' => shown.push(part),
            // Text in memory takes everything.
            _ => drop(write!(shown, "{}", part.escape_debug())),
        }
    }
    shown
}

/// The names of functions by index; empty where the module has none. A damaged name section, which the specification
/// allows, gives the names before the damage.
pub(crate) fn functions(wasm: &[u8]) -> BTreeMap<u32, String> {
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Ok(payload) = payload else { break };
        let Payload::CustomSection(section) = payload else { continue };
        let KnownCustom::Name(reader) = section.as_known() else { continue };
        for subsection in reader {
            let Ok(Name::Function(map)) = subsection else { continue };
            for naming in map {
                let Ok(naming) = naming else { break };
                names.insert(naming.index, naming.name.to_string());
            }
        }
    }
    names
}
