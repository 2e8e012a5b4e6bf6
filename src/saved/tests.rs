//! Tests of damaged files.
