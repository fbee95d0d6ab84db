//! Sources of pages for continuations: lists, ranges, SQL queries, streams, lines of a file.
//!
//! Each knows exactly whether more follows, so that no page comes empty after a full one. The source must give the same
//! page for the same token whenever it is asked: after a crash a page is fetched again.

mod query;
mod stream;

use std::{io, ops::Range, path::PathBuf};

pub use self::{
    query::{Query, QueryByKey, QueryByOffset},
    stream::{stream, try_stream},
};
use crate::page::Page;

/// A page of the `size` items of a list that follow the token, which counts the items before them.
///
/// The list must not change while it is being paged through; of one that may, page through [`sorted`] keys.
///
/// ```
/// use fantasm::pages;
///
/// let page = pages::list(&['a', 'b', 'c'], None, 2);
/// assert_eq!((&page[..], page.next()), (&['a', 'b'][..], Some(&2)));
/// let page = pages::list(&['a', 'b', 'c'], page.next().copied(), 2);
/// assert_eq!((&page[..], page.next()), (&['c'][..], None));
/// ```
pub fn list<T: Clone>(items: &[T], token: Option<usize>, size: usize) -> Page<T, usize> {
    let start = token.unwrap_or(0).min(items.len());
    let end = start.saturating_add(at_least_one(size)).min(items.len());
    Page::new(items[start..end].to_vec(), (end < items.len()).then_some(end))
}

/// A page of the `size` keys of a sorted list that follow the token, which is the last key of the page before.
///
/// Keys that come or go meanwhile do no harm to the others: each that stays is in exactly one page.
///
/// ```
/// use fantasm::pages;
///
/// let page = pages::sorted(&["ann", "ben", "cid"], Some("ann"), 1);
/// assert_eq!((&page[..], page.next()), (&["ben"][..], Some(&"ben")));
/// ```
pub fn sorted<T: Clone + Ord>(keys: &[T], token: Option<T>, size: usize) -> Page<T, T> {
    let start = token.map_or(0, |token| keys.partition_point(|key| *key <= token));
    let end = start.saturating_add(at_least_one(size)).min(keys.len());
    let items = keys[start..end].to_vec();
    let next = items.last().filter(|_| end < keys.len()).cloned();
    Page::new(items, next)
}

/// A page of the next `size` numbers of a range; the token is the first of them.
///
/// ```
/// use fantasm::pages;
///
/// let page = pages::range(0..10, Some(8), 4);
/// assert_eq!((&page[..], page.next()), (&[8, 9][..], None));
/// ```
#[must_use]
pub fn range(range: Range<u64>, token: Option<u64>, size: usize) -> Page<u64, u64> {
    let start = token.unwrap_or(range.start).max(range.start);
    let size = u64::try_from(at_least_one(size)).unwrap_or(u64::MAX);
    let end = start.saturating_add(size).min(range.end);
    Page::new((start..end).collect(), (end < range.end).then_some(end))
}

/// A page of the first `size` of some rows, whose token is the key of its last row.
///
/// [`Query`] makes the SQL for it; with SQL of your own, ask the database for one row more than the page is to have (`… WHERE id > $token ORDER BY id LIMIT $size + 1`): that
/// row only tells that more follows.
///
/// ```
/// use fantasm::pages;
///
/// let three_rows = vec![(7, "ann"), (8, "ben"), (9, "cid")]; // what `LIMIT 3` gave
/// let page = pages::rows(three_rows, 2, |(id, _)| *id);
/// assert_eq!((page.len(), page.next()), (2, Some(&8)));
/// ```
pub fn rows<T, K>(mut rows: Vec<T>, size: usize, key: impl FnOnce(&T) -> K) -> Page<T, K> {
    let size = at_least_one(size);
    let has_more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| has_more).map(key);
    Page::new(rows, next)
}

/// A page of the next `size` lines of a file, without their line ends; the token is the offset of the first in bytes.
///
/// Lines may be appended meanwhile.
///
/// # Errors
/// Those of reading the file, with its path; a line that is no UTF-8 is one of them.
///
/// # Cancel safety
/// Nothing is changed by it.
pub async fn lines(path: impl Into<PathBuf>, token: Option<u64>, size: usize) -> io::Result<Page<String, u64>> {
    let path = path.into();
    let read = move || {
        let at = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        read_lines(&path, token.unwrap_or(0), at_least_one(size)).map_err(at)
    };
    tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
}

fn read_lines(path: &std::path::Path, offset: u64, size: usize) -> io::Result<Page<String, u64>> {
    use io::{BufRead, Seek};

    let mut file = io::BufReader::new(std::fs::File::open(path)?);
    file.seek(io::SeekFrom::Start(offset))?;
    let mut lines = Vec::new();
    let mut end = offset;
    while lines.len() < size {
        let mut line = String::new();
        match file.read_line(&mut line)? {
            0 => return Ok(Page::new(lines, None)),
            n_bytes => end += u64::try_from(n_bytes).unwrap_or(0),
        }
        let text = line.strip_suffix('\n').unwrap_or(&line);
        lines.push(text.strip_suffix('\r').unwrap_or(text).to_owned());
    }
    let has_more = !file.fill_buf()?.is_empty();
    Ok(Page::new(lines, has_more.then_some(end)))
}

/// A page of nothing would lead to the same page again, for ever.
fn at_least_one(size: usize) -> usize {
    size.max(1)
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::Pin,
        task::{Context, Poll},
    };

    use super::*;

    /// Pages through a source, and gives the pages.
    async fn all<T, K: Clone, F: Future<Output = Page<T, K>>>(page: impl Fn(Option<K>) -> F) -> Vec<Vec<T>> {
        let (mut pages, mut token) = (Vec::new(), None);
        loop {
            let page = page(token).await;
            token = page.next().cloned();
            pages.push(page.into_items());
            if token.is_none() {
                return pages;
            }
        }
    }

    #[tokio::test]
    async fn every_source_gives_every_item_once_and_no_empty_page_after_a_full_one() {
        let items: Vec<u64> = (0..6).collect();
        for size in 0..8 {
            let expected: Vec<Vec<u64>> = items.chunks(size.max(1)).map(<[u64]>::to_vec).collect();
            assert_eq!(all(async |token| list(&items, token, size)).await, expected);
            assert_eq!(all(async |token| sorted(&items, token, size)).await, expected);
            assert_eq!(all(async |token| range(0..6, token, size)).await, expected);
            let query = |token: Option<u64>| {
                let after = items.iter().copied().filter(move |id| token.is_none_or(|token| *id > token));
                after.take(size.max(1) + 1).collect::<Vec<_>>()
            };
            assert_eq!(all(async |token| rows(query(token), size, |id| *id)).await, expected);
        }
    }

    /// A stream of these items, that is not ready each second time.
    struct Items<T>(std::vec::IntoIter<T>, bool);

    impl<T: Unpin> futures_core::Stream for Items<T> {
        type Item = T;

        fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
            self.1 = !self.1;
            if self.1 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(self.0.next())
        }
    }

    #[tokio::test]
    async fn a_stream_gives_every_item_once() {
        for n in 0..7_u64 {
            let items: Vec<u64> = (0..n).collect();
            for size in 1..8 {
                let mut expected: Vec<Vec<u64>> = items.chunks(size).map(<[u64]>::to_vec).collect();
                if items.is_empty() {
                    expected.push(Vec::new());
                }
                let make = || Items(items.clone().into_iter(), false);
                assert_eq!(all(async |token| stream(make(), token, size).await).await, expected);
            }
        }
    }

    #[tokio::test]
    async fn a_stream_that_fails_gives_its_error() {
        let items = || Items(vec![Ok(1), Err("broken"), Ok(3)].into_iter(), false);
        assert_eq!(try_stream(items(), None, 1).await, Err("broken"), "it looks whether more follow");
        assert_eq!(try_stream(items(), Some(2), 1).await, Err("broken"));
    }

    #[tokio::test]
    async fn an_empty_source_has_one_empty_page() {
        assert_eq!(all(async |token| list::<u64>(&[], token, 3)).await, [[0_u64; 0]]);
        assert_eq!(all(async |token| range(5..5, token, 3)).await, [[0_u64; 0]]);
    }

    #[tokio::test]
    async fn lines_are_read_by_offset() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (text, expected) in [
            ("", vec![vec![]]),
            ("a\n", vec![vec!["a"]]),
            ("a\r\n\nc", vec![vec!["a", ""], vec!["c"]]),
            ("a\nb\n", vec![vec!["a", "b"]]),
            ("ä\nb\nc\nd\n", vec![vec!["ä", "b"], vec!["c", "d"]]),
        ] {
            std::fs::write(&file, text).unwrap();
            let pages = all(async |token| lines(file.path(), token, 2).await.unwrap()).await;
            assert_eq!(pages, expected, "{text:?}");
        }
    }

    #[tokio::test]
    async fn a_missing_file_is_named() {
        let error = lines("no/such/file", None, 1).await.unwrap_err();
        assert!(error.to_string().starts_with("no/such/file: "), "{error}");
    }
}
