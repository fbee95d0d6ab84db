//! Keys of instances that were started before their machine had its present name.

use crate::{
    id::InstanceId,
    machine::MachineDescriptor,
    store::{Store, StoreError},
};

/// The earlier name of a renamed machine under which an instance has the key, and that instance: it is the one that is meant.
pub(crate) async fn earlier_name(
    store: &dyn Store,
    machine: &MachineDescriptor,
    key: &str,
) -> Result<Option<(&'static str, InstanceId)>, StoreError> {
    for name in machine.renamed_from {
        if let Some(id) = store.find((*name).to_owned(), key.to_owned()).await? {
            return Ok(Some((name, id)));
        }
    }
    Ok(None)
}
