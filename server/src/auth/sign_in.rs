//! Signing in: the same work for a wrong name as for a wrong password.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use grid_engine::wire::Login;
use tokio::sync::Semaphore;

use super::throttle::Throttle;
use super::{Session, Token, me_of};
use crate::clock::now_ms;
use crate::store::{MAX_PASSWORD, Store, StoreError, hash_password, is_password};

/// Password checks at once: each takes 19 MiB and a core for some 50 ms.
const AT_ONCE: usize = 2;

/// The sign-in desk.
pub struct SignIn {
    throttle: Mutex<Throttle>,
    desks: Semaphore,
    /// The hash of nobody's password: unknown names are checked against it, so that time tells nothing.
    nobody: String,
}

/// Why someone was not let in.
#[derive(Debug, thiserror::Error)]
pub enum SignInRefused {
    #[error("Name or password is wrong.")]
    Wrong,
    #[error("Too many attempts. Try again in {} seconds.", .0.as_secs() + 1)]
    Wait(Duration),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SignIn {
    /// Opens the desk.
    ///
    /// # Errors
    /// When passwords cannot be hashed here at all.
    pub fn new() -> Result<Self, StoreError> {
        let nobody = hash_password("nobody has this password")?;
        Ok(Self { throttle: Mutex::default(), desks: Semaphore::new(AT_ONCE), nobody })
    }

    /// Checks name and password; the new session and its token.
    ///
    /// # Errors
    /// See [`SignInRefused`].
    pub async fn sign_in(&self, store: &Store, login: Login, from: IpAddr) -> Result<(Session, Token), SignInRefused> {
        let Login { user, password } = login;
        self.no_wait(&user, from)?;
        let _desk = self.desks.acquire().await.map_err(|_| StoreError::Closed)?;
        // Others may have failed while this one stood in line.
        self.no_wait(&user, from)?;
        let found = store.sign_in_data(&user)?;
        let (person, hash) = match found {
            Some((person, hash)) => (Some(person), hash),
            None => (None, self.nobody.clone()),
        };
        let right = password.len() <= MAX_PASSWORD
            && tokio::task::spawn_blocking(move || is_password(&password, &hash)).await.unwrap_or(false);
        let Some(person) = person.filter(|_| right) else {
            self.throttle().failed(&user, from, Instant::now());
            return Err(SignInRefused::Wrong);
        };
        self.throttle().succeeded(&user, from);
        let token = Token::draw();
        let now = now_ms();
        store.put_session(token.hash(), person.id, now, Session::ends_at(now)).await?;
        Ok((Session { me: me_of(person), token_hash: token.hash(), is_bearer: false }, token))
    }

    fn no_wait(&self, user: &str, from: IpAddr) -> Result<(), SignInRefused> {
        let wait = self.throttle().wait(user, from, Instant::now());
        wait.map_or(Ok(()), |wait| Err(SignInRefused::Wait(wait)))
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        // Counters stay usable whatever panicked while they were held.
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::NewPerson;
    use grid_engine::wire::Role;
    use std::net::Ipv4Addr;

    #[tokio::test]
    async fn only_the_right_pair_opens() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let new = NewPerson {
            user: "mia".into(),
            password: "secret of hers".into(),
            name: "Mia".into(),
            title: String::new(),
            role: Role::Sales,
            scope: vec!["DE".into()],
            colour: "#333".into(),
            demo_password_shown: false,
        };
        let filling = store.clone();
        tokio::task::spawn_blocking(move || filling.put_person(new)).await.unwrap().unwrap();
        let desk = SignIn::new().unwrap();
        let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let login = |user: &str, password: &str| Login { user: user.into(), password: password.into() };
        let (session, token) = desk.sign_in(&store, login("mia", "secret of hers"), from).await.unwrap();
        assert_eq!(session.me.name, "Mia");
        assert!(Session::find(&store, token.hash()).unwrap().is_some());
        for (user, password) in [("mia", "wrong"), ("tom", "secret of hers"), ("mia", "")] {
            let answer = desk.sign_in(&store, login(user, password), from).await;
            assert!(matches!(answer, Err(SignInRefused::Wrong)), "{user}");
        }
        for _ in 0..4 {
            let _ = desk.sign_in(&store, login("mia", "wrong"), from).await;
        }
        let answer = desk.sign_in(&store, login("mia", "secret of hers"), from).await;
        assert!(matches!(answer, Err(SignInRefused::Wait(_))), "even the right password waits");
    }

    /// Row A4: a name that is not there is checked against a hash of the same work, so that time tells nothing.
    #[test]
    fn a4_unknown_names_take_the_same_work() {
        let work = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        let desk = SignIn::new().unwrap();
        let somebody = hash_password("correct horse").unwrap();
        assert_eq!(work(&desk.nobody), work(&somebody));
        assert!(desk.nobody.starts_with("$argon2id$v=19$m="), "{}", desk.nobody);
        assert!(!is_password("", &desk.nobody) && !is_password("correct horse", &desk.nobody));
    }
}
