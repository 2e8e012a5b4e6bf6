//! The list of endpoints, and the router that it becomes.

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use hyper::Method;

use super::BASE;
#[cfg(test)]
use super::describe::Description;
use super::parts::Parts;

/// An answer that is being prepared.
pub(super) type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A list of endpoints.
#[derive(Default)]
pub(super) struct Routes(pub(super) Vec<Endpoint>);

/// A handler, and the requests that it answers.
#[cfg_attr(not(test), expect(dead_code, reason = "a test writes the texts to the OpenAPI document"))]
pub(super) struct Endpoint {
    pub(super) method: Method,
    /// The path without that of the version.
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: Option<&'static str>,
    /// The handler without its type, so that the code of the router is compiled once and not for 54 types of handlers. This
    /// saves 133,000 of 2.8 million lines of LLVM IR.
    handler: Arc<dyn Fn(Request, Parts) -> Answer + Send + Sync>,
    /// Describes what the handler reads and what it answers.
    #[cfg(test)]
    pub(super) describe: fn(&mut Description),
}

/// A function that reads its inputs from a request. `M` is the list of their types.
pub(super) trait Handles<M>: Handler<M, Parts, Future = Answer> + Sync {
    /// Describes the inputs and the answers.
    #[cfg(test)]
    fn describe(description: &mut Description);
}

// For tests, `describe` implements it for functions whose inputs and answers describe themselves.
#[cfg(not(test))]
impl<M, H: Handler<M, Parts, Future = Answer> + Sync> Handles<M> for H {}

impl Routes {
    pub(super) fn get<M>(self, path: &'static str, summary: &'static str, handler: impl Handles<M>) -> Self {
        self.with(Method::GET, path, summary, handler)
    }

    pub(super) fn put<M>(self, path: &'static str, summary: &'static str, handler: impl Handles<M>) -> Self {
        self.with(Method::PUT, path, summary, handler)
    }

    pub(super) fn post<M>(self, path: &'static str, summary: &'static str, handler: impl Handles<M>) -> Self {
        self.with(Method::POST, path, summary, handler)
    }

    pub(super) fn delete<M>(self, path: &'static str, summary: &'static str, handler: impl Handles<M>) -> Self {
        self.with(Method::DELETE, path, summary, handler)
    }

    fn with<M, H: Handles<M>>(mut self, method: Method, path: &'static str, summary: &'static str, handler: H) -> Self {
        self.0.push(Endpoint {
            method,
            path,
            summary,
            description: None,
            handler: Arc::new(move |request, parts| handler.clone().call(request, parts)),
            #[cfg(test)]
            describe: H::describe,
        });
        self
    }

    /// Adds a description to the last endpoint.
    pub(super) fn described(mut self, description: &'static str) -> Self {
        if let Some(last) = self.0.last_mut() {
            last.description = Some(description);
        }
        self
    }

    pub(super) fn merge(mut self, others: Routes) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Returns a router with these endpoints. It has no state, so that all routers of the program have the same type.
    pub(super) fn into_router(self, parts: &Parts) -> Router {
        self.0.into_iter().fold(Router::new(), |router, Endpoint { method, path, handler, .. }| {
            let filter = MethodFilter::try_from(method).expect("axum has a filter for the methods above");
            let parts = parts.clone();
            let answer = move |request: Request| handler(request, parts.clone());
            router.route(&format!("{BASE}{path}"), on(filter, answer))
        })
    }
}
