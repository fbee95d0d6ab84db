//! Pages of a continuation.

/// One page of a continuation's input: items, and the token of the page after it.
///
/// `T` is what the items are; `K` is the continuation token, any serde type that names the next page.
///
/// ```
/// use fantasm::Page;
///
/// let numbers = [1, 2, 3];
/// let page: Page<i32, usize> = Page::new(numbers[..2].to_vec(), Some(2));
/// assert_eq!(page.iter().sum::<i32>(), 3);
/// assert_eq!(page.next(), Some(&2));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, K> {
    items: Option<Vec<T>>,
    next: Option<K>,
}

impl<T, K> Page<T, K> {
    /// A page of `items`; `next` names the page after it, `None` says that this is the last.
    pub fn new(items: Vec<T>, next: Option<K>) -> Self {
        Self { items: Some(items), next }
    }

    /// A page on which there is nothing to do: the action is not run, the chain goes on at `next`.
    ///
    /// The branch of this page ends quietly, in a state that is not final too.
    #[must_use]
    pub fn skip(next: Option<K>) -> Self {
        Self { items: None, next }
    }

    /// The token of the page after this one.
    #[must_use]
    pub fn next(&self) -> Option<&K> {
        self.next.as_ref()
    }

    /// Whether the action is not to be run for this page.
    #[must_use]
    pub fn is_skipped(&self) -> bool {
        self.items.is_none()
    }

    /// The items, in the order the continuation gave them.
    #[must_use]
    pub fn into_items(self) -> Vec<T> {
        self.items.unwrap_or_default()
    }
}

impl<T, K> std::ops::Deref for Page<T, K> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.items.as_deref().unwrap_or_default()
    }
}

impl<T, K> IntoIterator for Page<T, K> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_items().into_iter()
    }
}

impl<'a, T, K> IntoIterator for &'a Page<T, K> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
