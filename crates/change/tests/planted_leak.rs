//! A leak for `tools/sanitize.sh`, which must find it before it is believed that there are no others.

#[test]
#[ignore = "leaks on purpose; run by tools/sanitize.sh alone"]
fn leaks() {
    let pointer = Box::into_raw(Box::new([1u8; 1024]));
    // Looked at, so that the compiler cannot leave the allocation out.
    assert!(!std::hint::black_box(pointer).is_null());
}
