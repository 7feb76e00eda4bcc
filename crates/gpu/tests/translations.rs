//! The shaders in the languages of other systems: what Metal and DX12 are handed, kept so that changes are seen, and SPIR-V.
//!
//! `IRONCLIW_RENEW=1 cargo test -p ironcliw-gpu --test translations` writes the kept ones anew.

use std::path::PathBuf;
use std::process::Command;

use naga::back::{hlsl, msl, spv};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{Module, ShaderStage};

fn parsed() -> (Module, ModuleInfo) {
    let module = naga::front::wgsl::parse_str(ironcliw_gpu::SHADERS).unwrap();
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
    let info = validator.validate(&module).unwrap();
    (module, info)
}

fn kept(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/translations")
        .join(name);
    if std::env::var_os("IRONCLIW_RENEW").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        before == text,
        "{name} is not what is kept: see 'git diff' after IRONCLIW_RENEW=1"
    );
}

#[test]
fn entry_points() {
    let (module, _) = parsed();
    let names: Vec<_> = module
        .entry_points
        .iter()
        .map(|entry| (entry.name.as_str(), entry.stage, entry.workgroup_size))
        .collect();
    let size = [256, 1, 1];
    let expected = [
        ("difference", ShaderStage::Compute, size),
        ("describe", ShaderStage::Compute, size),
    ];
    assert_eq!(names, expected);
}

#[test]
fn metal() {
    let (module, info) = parsed();
    let options = msl::Options {
        lang_version: (2, 4),
        zero_initialize_workgroup_memory: false,
        ..msl::Options::default()
    };
    let (text, translated) =
        msl::write_string(&module, &info, &options, &msl::PipelineOptions::default()).unwrap();
    assert!(translated.entry_point_names.iter().all(Result::is_ok));
    assert!(
        !text.contains("float"),
        "whole numbers only: the CPU's answers are to be met bit for bit"
    );
    kept("kernels.metal", &text);
}

#[test]
fn dx12() {
    let (module, info) = parsed();
    let options = hlsl::Options {
        shader_model: hlsl::ShaderModel::V6_0,
        zero_initialize_workgroup_memory: false,
        ..hlsl::Options::default()
    };
    let pipeline = hlsl::PipelineOptions::default();
    let mut text = String::new();
    let translated = hlsl::Writer::new(&mut text, &options, &pipeline)
        .write(&module, &info, None)
        .unwrap();
    assert!(translated.entry_point_names.iter().all(Result::is_ok));
    assert!(!text.contains("float"));
    kept("kernels.hlsl", &text);
}

/// By naga, and by Khronos' own validator where it is installed (Debian: spirv-tools).
#[test]
fn vulkan() {
    let (module, info) = parsed();
    let words = spv::write_vec(&module, &info, &spv::Options::default(), None).unwrap();
    assert_eq!(words[0], 0x0723_0203);
    let path = std::env::temp_dir().join(format!("ironcliw-kernels-{}.spv", std::process::id()));
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    std::fs::write(&path, bytes).unwrap();
    let ran = Command::new("spirv-val")
        .args(["--target-env", "vulkan1.1"])
        .arg(&path)
        .output();
    std::fs::remove_file(&path).unwrap();
    match ran {
        Ok(ran) => assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        ),
        Err(_) => eprintln!("spirv-val is not installed; naga's own validation passed"),
    }
}
