//! What is found on frames that are drawn here, and that any frame is answered.

use ironcliw_change::{Frame, Layout};
use ironcliw_objects::rectangles;

fn found(pixels: &[u8], height: usize, width: usize) -> Vec<[i32; 4]> {
    let frame = Frame::new(pixels, Layout::packed(height, width, 4)).unwrap();
    rectangles(frame).iter().map(|each| each.sides).collect()
}

fn noise(height: usize, width: usize) -> Vec<u8> {
    let mut state = 1u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..height * width * 4).map(|_| next()).collect()
}

#[test]
fn a_bordered_box_is_found() {
    let (height, width) = (200, 300);
    let mut pixels = vec![220u8; height * width * 4];
    for y in 40..140 {
        let inside = (41..139).contains(&y);
        for x in 60..260 {
            let border = !inside || x == 60 || x == 259;
            pixels[(y * width + x) * 4..][..4].fill(if border { 90 } else { 220 });
        }
    }
    assert!(found(&pixels, height, width).iter().any(|sides| {
        let apart = sides.iter().zip([60, 40, 260, 140]);
        apart.into_iter().all(|(a, b)| (a - b).abs() <= 1)
    }));
}

#[test]
fn frames_of_every_small_size_are_answered() {
    for height in 1..40 {
        for width in [1, 3, 4, 15, 16, 17, 33] {
            let sides = found(&noise(height, width), height, width);
            assert!(height.min(width) >= 16 || sides.is_empty());
        }
    }
}

#[test]
fn noise_and_stripes_end() {
    let (height, width) = (1080, 1920);
    assert!(found(&noise(height, width), height, width).len() <= 1024);
    let mut stripes = vec![0u8; height * width * 4];
    for (place, pixel) in stripes.chunks_exact_mut(4).enumerate() {
        pixel.fill(if place / width / 6 % 2 == 0 { 0 } else { 200 });
    }
    assert!(found(&stripes, height, width).len() <= 1024);
}
