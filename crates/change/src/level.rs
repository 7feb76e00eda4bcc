//! Which vector instructions the kernels use: found out at run time, or asked for by name in tests and benches.

use std::fmt;

/// A level of vector instructions that this machine has.
///
/// There is no way to name a level that the machine lacks, which is what makes the kernels' dispatch sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(pub(crate) Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Sse2,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Level {
    /// The widest level this machine has.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if has_avx2() {
                return Self(Kind::Avx2);
            }
            Self(Kind::Sse2)
        }
        #[cfg(target_arch = "aarch64")]
        return Self(Kind::Neon);
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        Self(Kind::Scalar)
    }

    /// Every level this machine has, plain loops first.
    pub fn available() -> Vec<Self> {
        #[allow(unused_mut)]
        let mut levels = vec![Self(Kind::Scalar)];
        #[cfg(target_arch = "x86_64")]
        {
            levels.push(Self(Kind::Sse2));
            if has_avx2() {
                levels.push(Self(Kind::Avx2));
            }
        }
        #[cfg(target_arch = "aarch64")]
        levels.push(Self(Kind::Neon));
        levels
    }

    /// `scalar`, `sse2`, `avx2` or `neon`.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Kind::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Kind::Sse2 => "sse2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "neon",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("lzcnt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_level_is_the_last_available() {
        let available = Level::available();
        assert_eq!(available.first().map(|level| level.name()), Some("scalar"));
        assert_eq!(available.last(), Some(&Level::best()));
    }
}
