//! Pages of a stream, which always begins at its beginning.

use std::{future::poll_fn, pin::pin};

use futures_core::Stream;

use super::{at_least_one, rows};
use crate::page::Page;

/// A page of the next `size` items of a stream; the token counts the items before it, which are read and passed over.
///
/// Make the stream anew for each page: it begins at its beginning, and must give the same items each time. Passing over costs
/// what reading costs; of a source that can begin in the middle, page through that instead.
///
/// ```
/// # use std::pin::Pin;
/// # struct Items(std::vec::IntoIter<char>);
/// # impl futures_core::Stream for Items {
/// #     type Item = char;
/// #     fn poll_next(mut self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<char>> {
/// #         std::task::Poll::Ready(self.0.next())
/// #     }
/// # }
/// # async fn example() {
/// use fantasm::pages;
///
/// # let items = || Items(vec!['a', 'b', 'c'].into_iter());
/// let page = pages::stream(items(), Some(1), 2).await;
/// assert_eq!((&page[..], page.next()), (&['b', 'c'][..], None));
/// # }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example());
/// ```
///
/// # Cancel safety
/// Nothing is changed by it but what the stream itself changes.
pub async fn stream<T>(items: impl Stream<Item = T>, token: Option<u64>, size: usize) -> Page<T, u64> {
    let no_error = |item| Ok::<T, std::convert::Infallible>(item);
    match read(items, no_error, token, size).await {
        Ok(page) => page,
        Err(never) => match never {},
    }
}

/// The same of a stream whose items may fail; the first error is the answer.
///
/// # Errors
/// The stream's, also those of items that are passed over.
///
/// # Cancel safety
/// As [`stream`].
pub async fn try_stream<T, E>(
    items: impl Stream<Item = Result<T, E>>,
    token: Option<u64>,
    size: usize,
) -> Result<Page<T, u64>, E> {
    read(items, |item| item, token, size).await
}

async fn read<I, T, E>(
    items: impl Stream<Item = I>,
    item: impl Fn(I) -> Result<T, E>,
    token: Option<u64>,
    size: usize,
) -> Result<Page<T, u64>, E> {
    let (start, size) = (token.unwrap_or(0), at_least_one(size));
    let mut items = pin!(items);
    let mut found = Vec::new();
    let mut n_read = 0;
    // One more than the page has tells whether more follow.
    while found.len() <= size {
        let Some(next) = poll_fn(|cx| items.as_mut().poll_next(cx)).await else { break };
        let next = item(next)?;
        if n_read >= start {
            found.push(next);
        }
        n_read += 1;
    }
    let end = start.saturating_add(u64::try_from(size).unwrap_or(u64::MAX));
    Ok(rows(found, size, |_| end))
}
