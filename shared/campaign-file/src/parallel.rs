//! Reads many campaigns at once: on as many threads as there are cores, with answers in the order of the questions.

use std::num::NonZero;
use std::thread;

/// Fewer than these are read sooner than a thread starts.
const WORTH_A_THREAD: usize = 8;

/// Answers the items in lots, each lot on a thread of its own.
pub(crate) fn map<T: Send, A: Send>(mut items: Vec<T>, answer: impl Fn(Vec<T>) -> Vec<A> + Sync) -> Vec<A> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let length = items.len().div_ceil(threads).max(WORTH_A_THREAD);
    if items.len() <= length {
        return answer(items);
    }
    thread::scope(|scope| {
        let mut lots = Vec::new();
        while !items.is_empty() {
            let rest = items.split_off(length.min(items.len()));
            let lot = std::mem::replace(&mut items, rest);
            lots.push(scope.spawn(|| answer(lot)));
        }
        let answers = lots.into_iter().map(|lot| lot.join());
        answers.flat_map(|lot| lot.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}
