//! A panic is told by its place in the code alone: its message may hold what somebody typed.

use std::panic::{PanicHookInfo, set_hook};

/// From now on, whatever panics in this process is told by its place, and its message by nobody.
pub(crate) fn tell_places_alone(tell: impl Fn(&str) + Send + Sync + 'static) {
    set_hook(Box::new(move |panic: &PanicHookInfo<'_>| {
        tell(&panic.location().map(ToString::to_string).unwrap_or_default());
    }));
}

#[cfg(test)]
mod tests {
    use std::panic::{catch_unwind, take_hook};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_panic_tells_where_it_was_and_not_what_it_was_about() {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let telling = Arc::clone(&told);
        tell_places_alone(move |place| telling.lock().expect("a list").push(place.to_owned()));
        let cut = catch_unwind(|| panic!("what to make of ada@example.com?"));
        drop(take_hook());
        assert!(cut.is_err());
        let told = told.lock().expect("a list");
        assert!(matches!(&told[..], [place] if place.starts_with(file!())), "{told:?}");
    }
}
