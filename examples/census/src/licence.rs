//! The licence that a crate's Cargo.toml declares.

use std::{fs, io, path::Path};

use crate::tree::at;

/// The licence of the crate in `dir`: what its Cargo.toml says, or why there is nothing to say.
pub(crate) fn of_crate(dir: &Path) -> io::Result<String> {
    let path = dir.join("Cargo.toml");
    match fs::read(&path) {
        Ok(manifest) => Ok(of_manifest(&String::from_utf8_lossy(&manifest))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok("(no Cargo.toml)".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => Ok("(no Cargo.toml)".to_owned()),
        Err(error) => Err(at(&path, &error)),
    }
}

fn of_manifest(manifest: &str) -> String {
    let Ok(manifest) = manifest.parse::<toml::Table>() else { return "(unreadable Cargo.toml)".to_owned() };
    let package = manifest.get("package");
    let key = |name| package.and_then(|package| package.get(name));
    match (key("license"), key("license-file")) {
        (Some(toml::Value::String(licence)), _) => licence.clone(),
        (Some(_), _) => "(the workspace's)".to_owned(),
        (None, Some(_)) => "(a file of its own)".to_owned(),
        (None, None) => "(none declared)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::of_manifest;

    #[test]
    fn a_licence_is_read_from_its_package() {
        assert_eq!(of_manifest("[package]\nlicense = \"MIT\""), "MIT");
        assert_eq!(of_manifest("[package]\nlicense.workspace = true"), "(the workspace's)");
        assert_eq!(of_manifest("[package]\nlicense-file = \"L\""), "(a file of its own)");
        assert_eq!(of_manifest("[workspace]"), "(none declared)");
        assert_eq!(of_manifest("]"), "(unreadable Cargo.toml)");
    }
}
