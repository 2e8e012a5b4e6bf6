//! Keeps the bytes of an archive while they arrive: in memory, or in the file of the state.

use std::io;

use bytes::Bytes;
#[cfg(feature = "state")]
use bytes::BytesMut;

#[cfg(feature = "state")]
use crate::domain::bytes::ContentStore;
use crate::domain::bytes::{Content, Gatherer};

/// Where bytes are kept, if not in memory.
#[cfg(feature = "state")]
pub(super) type Store<'a> = &'a dyn ContentStore;

/// Without the feature `state`, bytes are always kept in memory.
#[cfg(not(feature = "state"))]
pub(super) type Store<'a> = (std::convert::Infallible, std::marker::PhantomData<&'a ()>);

/// The bytes of a body that have arrived.
pub(super) enum Kept<'a> {
    InMemory(Gatherer),
    #[cfg(feature = "state")]
    InFile(InFile<'a>),
    /// Makes the lifetime part of the type without the feature `state`.
    #[cfg(not(feature = "state"))]
    Never(Store<'a>),
}

/// Bytes that go to the file of the state in chunks.
#[cfg(feature = "state")]
pub(super) struct InFile<'a> {
    store: Store<'a>,
    /// How often the file had lost chunks when the body began.
    losses: u64,
    chunks: Vec<Content>,
    /// The bytes of the next chunk.
    open: BytesMut,
}

impl<'a> Kept<'a> {
    /// Keeps bytes in the file, or in memory if there is none.
    pub(super) fn in_file(store: Option<Store<'a>>) -> Self {
        match store {
            None => Kept::InMemory(Gatherer::new()),
            #[cfg(feature = "state")]
            Some(store) => {
                let (losses, chunks, open) = (store.losses(), Vec::new(), BytesMut::new());
                Kept::InFile(InFile { store, losses, chunks, open })
            }
            #[cfg(not(feature = "state"))]
            Some(never) => Kept::Never(never),
        }
    }

    /// Takes the next bytes. Waits for the file if it is slower than the client.
    pub(super) async fn push(&mut self, bytes: Bytes) -> io::Result<()> {
        match self {
            Kept::InMemory(gatherer) => gatherer.push(bytes),
            #[cfg(feature = "state")]
            Kept::InFile(file) => file.push(&bytes).await?,
            #[cfg(not(feature = "state"))]
            Kept::Never(never) => match never.0 {},
        }
        Ok(())
    }

    /// Discards all bytes.
    pub(super) fn clear(&mut self) {
        match self {
            Kept::InMemory(gatherer) => gatherer.clear(),
            #[cfg(feature = "state")]
            Kept::InFile(file) => (file.chunks, file.open) = (Vec::new(), BytesMut::new()),
            #[cfg(not(feature = "state"))]
            Kept::Never(never) => match never.0 {},
        }
    }

    /// Returns all bytes. An error means that the file has lost some of them.
    pub(super) async fn finish(self) -> io::Result<Content> {
        match self {
            Kept::InMemory(gatherer) => Ok(gatherer.finish()),
            #[cfg(feature = "state")]
            Kept::InFile(file) => file.finish().await,
            #[cfg(not(feature = "state"))]
            Kept::Never(never) => match never.0 {},
        }
    }
}

#[cfg(feature = "state")]
impl InFile<'_> {
    async fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.open.capacity() == 0 {
                self.open.reserve(bytes.len().min(self.store.chunk_size()));
            }
            let (now, later) = bytes.split_at(bytes.len().min(self.store.chunk_size() - self.open.len()));
            self.open.extend_from_slice(now);
            bytes = later;
            if self.open.len() == self.store.chunk_size() {
                self.store_open().await?;
            }
        }
        Ok(())
    }

    async fn store_open(&mut self) -> io::Result<()> {
        let chunk = std::mem::take(&mut self.open).freeze();
        self.chunks.push(self.store.store(chunk).await?);
        Ok(())
    }

    async fn finish(mut self) -> io::Result<Content> {
        if !self.open.is_empty() {
            self.store_open().await?;
        }
        if self.store.losses() != self.losses {
            return Err(io::Error::other("the file of the state has lost bytes of the body"));
        }
        Ok(Content::concat(&self.chunks))
    }
}
