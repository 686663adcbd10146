//! PHC strings of argon2: making, checking and comparing them.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use domain::identity::password::Password;

use super::Verdict;
use crate::crypto;

/// What one hash costs: memory in KiB and passes over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub memory: u32,
    pub passes: u32,
}

/// Of each hash that is made here.
const LANES: u32 = 1;

/// The most that a hash from elsewhere may cost, so that importing one cannot exhaust the server.
const MAX_MEMORY: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 8;

impl Cost {
    fn params(self) -> Result<Params, argon2::Error> {
        Params::new(self.memory, self.passes, LANES, Some(Params::DEFAULT_OUTPUT_LEN))
    }

    pub(super) fn hash(self, password: &Password, salt: &[u8], memory: &mut Vec<Block>) -> Result<String, String> {
        let params = self.params().map_err(text)?;
        let mut hash = [0; Params::DEFAULT_OUTPUT_LEN];
        fill(Algorithm::Argon2id, Version::V0x13, &params, password.expose(), salt, &mut hash, memory)?;
        self.phc(&params, salt, &hash)
    }

    /// What a hash with `params` leaves of this cost, in at most this memory: the same work takes the same time.
    fn beyond(self, params: &Params) -> Option<Self> {
        let work = |memory: u32, passes: u32| u64::from(memory) * u64::from(passes);
        let left = work(self.memory, self.passes).saturating_sub(work(params.m_cost(), params.t_cost()));
        let memory = u32::try_from(left / u64::from(self.passes.max(1))).ok()?;
        (memory >= Params::MIN_M_COST).then_some(Self { memory, ..self })
    }

    /// A hash that no password has, of the same cost.
    pub(super) fn dummy(self) -> String {
        self.params().map_err(text).and_then(|params| self.phc(&params, &[0; 16], &[0; 32])).unwrap_or_default()
    }

    fn phc(self, params: &Params, salt: &[u8], hash: &[u8]) -> Result<String, String> {
        let phc = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).map_err(text)?,
            salt: Some(Salt::new(salt).map_err(text)?),
            hash: Some(Output::new(hash).map_err(text)?),
        };
        Ok(phc.to_string())
    }
}

struct Parts {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    hash: Output,
}

fn parse(phc: &str) -> Result<Parts, String> {
    let phc = PasswordHash::new(phc).map_err(text)?;
    let algorithm = Algorithm::try_from(phc.algorithm.as_str()).map_err(|_| "is not a hash of argon2")?;
    let version = phc.version.map_or(Ok(Version::V0x10), Version::try_from).map_err(text)?;
    let params = Params::try_from(&phc).map_err(text)?;
    if params.m_cost() > MAX_MEMORY || params.t_cost() > MAX_PASSES || params.p_cost() > MAX_LANES {
        return Err(format!("costs more than m={MAX_MEMORY},t={MAX_PASSES},p={MAX_LANES}"));
    }
    let salt = phc.salt.ok_or("has no salt")?;
    let hash = phc.hash.ok_or("has no hash")?;
    Ok(Parts { algorithm, version, params, salt, hash })
}

/// Whether a hash from elsewhere can be used here.
///
/// # Errors
/// A sentence without the hash in it.
pub(crate) fn check(phc: &str) -> Result<(), String> {
    parse(phc).map(|_| ())
}

/// Compares a password with a hash. A wrong one takes as long as today's cost does, also where the hash cost less: as
/// long as at an address that nobody has.
pub(super) fn verify(today: &Cost, password: &str, phc: &str, memory: &mut Vec<Block>) -> Verdict {
    let Ok(parts) = parse(phc) else { return Verdict { right: false, outdated: false } };
    let mut hash = vec![0; parts.hash.len()];
    let filled = fill(parts.algorithm, parts.version, &parts.params, password, &parts.salt, &mut hash, memory);
    let right = filled.is_ok() && crypto::equal(&hash, parts.hash.as_bytes());
    if !right && let Some(Ok(rest)) = today.beyond(&parts.params).map(Cost::params) {
        let _ = fill(Algorithm::Argon2id, Version::V0x13, &rest, password, &[0; 16], &mut [0; 32], memory);
    }
    Verdict {
        right,
        outdated: parts.algorithm != Algorithm::Argon2id
            || parts.version != Version::V0x13
            || parts.params.m_cost() != today.memory
            || parts.params.t_cost() != today.passes
            || parts.params.p_cost() != LANES,
    }
}

fn fill(
    algorithm: Algorithm,
    version: Version,
    params: &Params,
    password: &str,
    salt: &[u8],
    hash: &mut [u8],
    memory: &mut Vec<Block>,
) -> Result<(), String> {
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    Argon2::new(algorithm, version, params.clone())
        .hash_password_into_with_memory(password.as_bytes(), salt, hash, &mut memory[..blocks])
        .map_err(text)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: Cost = Cost { memory: 64, passes: 1 };

    #[test]
    fn a_hash_fits_its_password_and_no_other() {
        let mut memory = Vec::new();
        let password = Password::parse("correct horse").unwrap();
        let phc = COST.hash(&password, &[7; 16], &mut memory).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{phc}");
        assert_eq!(verify(&COST, "correct horse", &phc, &mut memory), Verdict { right: true, outdated: false });
        assert!(!verify(&COST, "correct horsf", &phc, &mut memory).right);
        let dearer = Cost { memory: 128, passes: 1 };
        assert_eq!(verify(&dearer, "correct horse", &phc, &mut memory), Verdict { right: true, outdated: true });
        // Reused memory, then larger memory, change nothing.
        let again = dearer.hash(&password, &[7; 16], &mut memory).unwrap();
        assert!(verify(&dearer, "correct horse", &again, &mut memory).right);
        assert!(verify(&COST, "correct horse", &phc, &mut memory).right);
        // One that costs more is made again, too: a wrong password would take longer than at an address of nobody's.
        assert_eq!(verify(&COST, "correct horse", &again, &mut memory), Verdict { right: true, outdated: true });
    }

    #[test]
    fn other_kinds_of_argon2_fit_and_are_made_again() {
        let (params, mut memory) = (COST.params().unwrap(), Vec::new());
        let two = Params::new(64, 1, 2, Some(32)).unwrap();
        for (algorithm, version, params) in [
            (Algorithm::Argon2i, Version::V0x13, &params),
            (Algorithm::Argon2d, Version::V0x13, &params),
            (Algorithm::Argon2id, Version::V0x10, &params),
            (Algorithm::Argon2id, Version::V0x13, &two),
        ] {
            let mut hash = [0; 32];
            fill(algorithm, version, params, "correct horse", &[7; 16], &mut hash, &mut memory).unwrap();
            let named = format!("${}$v={}$", algorithm.as_str(), u32::from(version));
            let phc = COST.phc(params, &[7; 16], &hash).unwrap().replace("$argon2id$v=19$", &named);
            let verdict = verify(&COST, "correct horse", &phc, &mut memory);
            assert_eq!(verdict, Verdict { right: true, outdated: true }, "{phc}");
            assert!(!verify(&COST, "correct horsf", &phc, &mut memory).right, "{phc}");
        }
    }

    #[test]
    fn a_wrong_password_costs_what_one_costs_today() {
        let params = |memory, passes| Params::new(memory, passes, 1, None).unwrap();
        let today = Cost { memory: 19_456, passes: 4 };
        for (memory, passes, rest) in [
            (19_456, 4, None),
            (19_456, 5, None),
            (65_536, 2, None),
            (19_456, 2, Some(9_728)),
            (9_728, 4, Some(9_728)),
            (4_096, 3, Some(16_384)),
            (8, 1, Some(19_454)),
            // Too little to tell.
            (19_452, 4, None),
        ] {
            let rest = rest.map(|memory| Cost { memory, passes: 4 });
            assert_eq!(today.beyond(&params(memory, passes)), rest, "m={memory},t={passes}");
        }
        // And in as many blocks as it says.
        let mut blocks = Vec::new();
        let phc = COST.hash(&Password::parse("correct horse").unwrap(), &[7; 16], &mut blocks).unwrap();
        let dearer = Cost { memory: 512, passes: 1 };
        assert!(verify(&dearer, "correct horse", &phc, &mut blocks).right);
        assert_eq!(blocks.len(), 64);
        assert!(!verify(&dearer, "correct horsf", &phc, &mut blocks).right);
        assert_eq!(blocks.len(), 448);
    }

    #[test]
    fn nothing_fits_the_dummy() {
        assert!(check(&COST.dummy()).is_ok());
        assert!(!verify(&COST, "", &COST.dummy(), &mut Vec::new()).right);
    }

    #[test]
    fn hashes_from_elsewhere_are_checked() {
        for bad in
            ["", "plain", "$2b$10$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
