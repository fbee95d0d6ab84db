//! What the worker lends to its actions: database pools, HTTP clients, settings.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use crate::{Error, Result};

/// The services of a worker: at most one value of each type, shared by all actions.
///
/// An action asks for one by taking `&T` as an argument.
#[derive(Debug, Clone, Default)]
pub struct Services(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl Services {
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, service: T) {
        self.0.insert(TypeId::of::<T>(), Arc::new(service));
    }

    /// The service of a type.
    ///
    /// # Errors
    /// When the worker has none; a worker checks at its start that it has all that its actions ask for.
    pub fn get<T: 'static>(&self) -> Result<&T> {
        self.0
            .get(&TypeId::of::<T>())
            .and_then(|service| service.downcast_ref())
            .ok_or_else(|| Error::permanent(MissingService(type_name::<T>())))
    }

    pub(crate) fn has(&self, key: &ServiceKey) -> bool {
        self.0.contains_key(&(key.id)())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the worker has no service of type `{0}`; give it one with `Worker::builder(…).service(…)`")]
struct MissingService(&'static str);

/// Names the type of a service that an action asks for.
#[derive(Clone, Copy)]
pub struct ServiceKey {
    id: fn() -> TypeId,
    name: fn() -> &'static str,
}

impl ServiceKey {
    /// The key of a type.
    #[must_use]
    pub const fn of<T: Send + Sync + 'static>() -> Self {
        Self { id: TypeId::of::<T>, name: type_name::<T> }
    }

    /// The type's name, for messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        (self.name)()
    }
}

impl fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServiceKey").field(&self.name()).finish()
    }
}
